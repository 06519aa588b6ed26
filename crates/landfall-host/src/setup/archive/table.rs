//! Which packages: version, place in the pool, SHA-256.
//!
//! The columns are those of the release's index; `apt-get --print-uris download NAME` prints them.

use std::fmt::Write;

use super::ArchiveError;

/// A package of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The architecture in whose index it stands.
    pub architecture: &'static str,
    /// Its place at a mirror.
    pub path: &'static str,
    /// Its hash, 64 digits.
    pub sha256: &'static str,
    /// The requested files, as patterns of tar with spaces between them; all files if `None`.
    pub only: Option<&'static str>,
    /// The package that always depends on the newest one of this kind, where names have the version
    /// in them.
    pub follows: Option<&'static str>,
}

/// Packages that are unpacked into one folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Set {
    /// The folder's name.
    pub name: &'static str,
    /// The release that they are of, as its archive calls it.
    pub release: &'static str,
    /// The packages.
    pub packages: &'static [Package],
}

impl Set {
    /// Returns the packages as text. A folder that contains this text was created from these
    /// packages.
    pub(super) fn listing(&self) -> String {
        self.packages.iter().fold(String::new(), |mut text, package| {
            let Package { name, version, sha256, only, .. } = package;
            let _ = writeln!(text, "{name} {version} {sha256} {}", only.unwrap_or("."));
            text
        })
    }

    pub(super) fn names(&self) -> String {
        let names: Vec<_> = self.packages.iter().map(|package| package.name).collect();
        names.join(", ")
    }
}

impl Package {
    pub(super) const fn gone(&self) -> ArchiveError {
        let Self { name, version, path, sha256, .. } = *self;
        ArchiveError::Gone { package: name, version, path, sha256 }
    }
}

/// Debian 13.
pub const TRIXIE: &str = "trixie";

/// All the files of a package whose name stays the same.
const WHOLE: Package =
    Package { name: "", version: "", architecture: "", path: "", sha256: "", only: None, follows: None };

/// rustc 1.85.1, its libraries for this system, the source of `core`, and every library that it is
/// linked with.
pub const RUST: Set = Set {
    name: "rust",
    release: TRIXIE,
    packages: &[
        Package {
            name: "rustc",
            version: "1.85.1+dfsg1-1+deb13u1",
            architecture: "amd64",
            path: "pool/main/r/rustc/rustc_1.85.1%2bdfsg1-1%2bdeb13u1_amd64.deb",
            sha256: "8dc8db527ef0e4e64c1361281c123c461b768c148d5308f841ef47c7b90b19d4",
            only: Some("./usr/bin/rustc"),
            follows: None,
        },
        Package {
            name: "libstd-rust-1.85",
            version: "1.85.1+dfsg1-1+deb13u1",
            architecture: "amd64",
            path: "pool/main/r/rustc/libstd-rust-1.85_1.85.1%2bdfsg1-1%2bdeb13u1_amd64.deb",
            sha256: "880a7ccc84ac9ed5964379ff2f2c2de2763dc87cb2c812963cefb44008306587",
            ..WHOLE
        },
        Package {
            name: "libstd-rust-dev",
            version: "1.85.1+dfsg1-1+deb13u1",
            architecture: "amd64",
            path: "pool/main/r/rustc/libstd-rust-dev_1.85.1%2bdfsg1-1%2bdeb13u1_amd64.deb",
            sha256: "f10847d21f156e700c16fede486e404d078183197187406b4b512ccc92468adb",
            ..WHOLE
        },
        Package {
            name: "rust-src",
            version: "1.85.1+dfsg1-1+deb13u1",
            architecture: "amd64",
            path: "pool/main/r/rustc/rust-src_1.85.1%2bdfsg1-1%2bdeb13u1_all.deb",
            sha256: "96d75361e517f4f5178c83d297ef2ebfd527c9ea845848c5de6e631e59a78fa8",
            only: Some("./usr/src/rustc-*/library"),
            follows: None,
        },
        Package {
            name: "libllvm19",
            version: "1:19.1.7-3+b1",
            architecture: "amd64",
            path: "pool/main/l/llvm-toolchain-19/libllvm19_19.1.7-3%2bb1_amd64.deb",
            sha256: "db0d614d61345ca710fb73e75105f1ec6e38898fa7b3aa99fa7eb7d8b0a11d57",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "libc6",
            version: "2.41-12+deb13u5",
            architecture: "amd64",
            path: "pool/main/g/glibc/libc6_2.41-12%2bdeb13u5_amd64.deb",
            sha256: "b59b0625cd1a791375d40dab23a4d5d3d0641e3d0a773501becdc3725b7f99cf",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "libstdc++6",
            version: "14.2.0-19",
            architecture: "amd64",
            path: "pool/main/g/gcc-14/libstdc%2b%2b6_14.2.0-19_amd64.deb",
            sha256: "ab1fa05837aa7a92aae748fd07a18a35f7d18bb4a71c4724fe2bbf0e32089de0",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "libgcc-s1",
            version: "14.2.0-19",
            architecture: "amd64",
            path: "pool/main/g/gcc-14/libgcc-s1_14.2.0-19_amd64.deb",
            sha256: "3c71917b490d1a17aed43196a2787a256ecf060526cdb20216a74bedc061b150",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "zlib1g",
            version: "1:1.3.dfsg+really1.3.1-1+deb13u1",
            architecture: "amd64",
            path: "pool/main/z/zlib/zlib1g_1.3.dfsg%2breally1.3.1-1%2bdeb13u1_amd64.deb",
            sha256: "8c27c342230503b73dfde629642c3b352e87b554e06d60cf58772f236a305ceb",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "libzstd1",
            version: "1.5.7+dfsg-1",
            architecture: "amd64",
            path: "pool/main/libz/libzstd/libzstd1_1.5.7%2bdfsg-1_amd64.deb",
            sha256: "2f6a2aeacfc925eba8b00ac9139bc4bfccf8cacb09eb93de067074b26948eef9",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "libffi8",
            version: "3.4.8-2",
            architecture: "amd64",
            path: "pool/main/libf/libffi/libffi8_3.4.8-2_amd64.deb",
            sha256: "0ebdc340de33333639c3c63874cd4b15ac2e83dfa1ef3053b7eefaf4919f4f68",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "libedit2",
            version: "3.1-20250104-1",
            architecture: "amd64",
            path: "pool/main/libe/libedit/libedit2_3.1-20250104-1_amd64.deb",
            sha256: "b002ea172b9c1e34a67bc497c523c67bb74c3f0a4e98113cb083990a1f1d3bfe",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "libtinfo6",
            version: "6.5+20250216-2",
            architecture: "amd64",
            path: "pool/main/n/ncurses/libtinfo6_6.5%2b20250216-2_amd64.deb",
            sha256: "8b9f6a7983e9418564e48a627518de4c03917b56efe68d7f3e93bd8fffa1cc10",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "libxml2",
            version: "2.12.7+dfsg+really2.9.14-2.1+deb13u3",
            architecture: "amd64",
            path: "pool/main/libx/libxml2/libxml2_2.12.7%2bdfsg%2breally2.9.14-2.1%2bdeb13u3_amd64.deb",
            sha256: "e0c6b63ce4602a036a526f60fe5e6c1586710688058d98fc1001b9b3147b7efd",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "libz3-4",
            version: "4.13.3-1",
            architecture: "amd64",
            path: "pool/main/z/z3/libz3-4_4.13.3-1_amd64.deb",
            sha256: "71383373523ef62d47eccf660cf6535c3febcbb3f88e54cb7a43124014b57359",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "liblzma5",
            version: "5.8.1-1+deb13u2",
            architecture: "amd64",
            path: "pool/main/x/xz-utils/liblzma5_5.8.1-1%2bdeb13u2_amd64.deb",
            sha256: "b38acab30f295bf1066a6632e31cbd0a1980f2924b38040cda131d5dea5384ec",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "libbsd0",
            version: "0.12.2-2",
            architecture: "amd64",
            path: "pool/main/libb/libbsd/libbsd0_0.12.2-2_amd64.deb",
            sha256: "e5a85986fa6bec3307ab1bc860736b478b331882bc45e17675a7bdf88eecb43a",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "libmd0",
            version: "1.1.0-2+b1",
            architecture: "amd64",
            path: "pool/main/libm/libmd/libmd0_1.1.0-2%2bb1_amd64.deb",
            sha256: "7244ec3839b61fac0c1884fe08aaa040f26e8f1f35f1f5d3482eacefd30d1b44",
            only: Some("./usr/lib*"),
            follows: None,
        },
    ],
};

/// A Linux kernel: its image.
pub const LINUX: Set = Set {
    name: "linux",
    release: TRIXIE,
    packages: &[Package {
        name: "linux-image-6.12.107+deb13-riscv64",
        version: "6.12.107-1",
        architecture: "riscv64",
        path: "pool/main/l/linux/linux-image-6.12.107+deb13-riscv64_6.12.107-1_riscv64.deb",
        sha256: "abe9f65d74b434692149482b031db7a2aaf832921e09f69f775293c0e0c5799c",
        only: Some("./boot ./usr/lib/modules/*/virtio_blk.ko.xz"),
        follows: Some("linux-image-riscv64"),
    }],
};

/// U-Boot for QEMU's machines.
pub const U_BOOT: Set = Set {
    name: "u-boot",
    release: TRIXIE,
    packages: &[Package {
        name: "u-boot-qemu",
        version: "2025.01-3+deb13u1",
        architecture: "amd64",
        path: "pool/main/u/u-boot/u-boot-qemu_2025.01-3%2bdeb13u1_all.deb",
        sha256: "a3751b5d36a411457b2e7a2834cdce0e5d40493e6588a65d51c5603740a0c71c",
        only: Some("./usr/lib/u-boot/qemu-riscv64*"),
        follows: None,
    }],
};

/// OpenSBI.
pub const OPENSBI: Set = Set {
    name: "opensbi",
    release: TRIXIE,
    packages: &[Package {
        name: "opensbi",
        version: "1.6-1",
        architecture: "amd64",
        path: "pool/main/o/opensbi/opensbi_1.6-1_all.deb",
        sha256: "dc4a43bd21a0ca11771ed8b19ee6fa8476d1d0f4976bd0b27c0357c699d27e1e",
        only: Some("./usr/lib/riscv64-linux-gnu"),
        follows: None,
    }],
};

/// An old OpenSBI, Debian 12's: no debug console extension, and its own memory is reserved without
/// `no-map`.
pub const OPENSBI_OLD: Set = Set {
    name: "opensbi-old",
    release: "bookworm",
    packages: &[Package {
        name: "opensbi",
        version: "1.1-2",
        path: "pool/main/o/opensbi/opensbi_1.1-2_all.deb",
        sha256: "c122d09cff2439fd53ceeb3550257b001bc77cc87530c490a92bdb424bb4222a",
        ..OPENSBI.packages[0]
    }],
};

/// The newest one, of the release that is being made.
pub const OPENSBI_NEW: Set = Set {
    name: "opensbi-new",
    release: "forky",
    packages: &[Package {
        name: "opensbi",
        version: "1.9-1",
        path: "pool/main/o/opensbi/opensbi_1.9-1_all.deb",
        sha256: "e0b81b0dfc501b0b4ed1327aefdafa00f50651443e24d4d7e2477808808f386f",
        ..OPENSBI.packages[0]
    }],
};

/// EDK2 for QEMU's `virt` machine.
pub const EDK2: Set = Set {
    name: "edk2",
    release: TRIXIE,
    packages: &[Package {
        name: "qemu-efi-riscv64",
        version: "2025.02-8+deb13u1",
        architecture: "amd64",
        path: "pool/main/e/edk2/qemu-efi-riscv64_2025.02-8%2bdeb13u1_all.deb",
        sha256: "bda367c8e798ba5e5b7c650f06e350750a35f6764b6715449edc72848ba1f997",
        ..WHOLE
    }],
};

/// systemd-boot, a menu of EFI applications.
pub const SYSTEMD_BOOT: Set = Set {
    name: "systemd-boot",
    release: TRIXIE,
    packages: &[Package {
        name: "systemd-boot-efi",
        version: "257.13-1~deb13u1",
        architecture: "riscv64",
        path: "pool/main/s/systemd/systemd-boot-efi_257.13-1~deb13u1_riscv64.deb",
        sha256: "a9a714e2449c896ee99874b800500a5584a229839080d5fb88f4a611a1b5c642",
        only: Some("./usr/lib/systemd/boot/efi"),
        follows: None,
    }],
};

/// GRUB for EFI, in one file.
pub const GRUB: Set = Set {
    name: "grub",
    release: TRIXIE,
    packages: &[Package {
        name: "grub-efi-riscv64-unsigned",
        version: "2.12-9+deb13u2",
        architecture: "riscv64",
        path: "pool/main/g/grub2/grub-efi-riscv64-unsigned_2.12-9%2bdeb13u2_riscv64.deb",
        sha256: "a5bde8270d0031e63051f7b1b6d34b9cf25fe70321d56b8decf255e7d42ce9bc",
        only: Some("./usr/lib/grub/riscv64-efi/monolithic"),
        follows: None,
    }],
};

/// The signer of EFI applications, and every library that it is linked with.
pub const SBSIGN: Set = Set {
    name: "sbsign",
    release: "bookworm",
    packages: &[
        Package {
            name: "sbsigntool",
            version: "0.9.4-3.1",
            architecture: "amd64",
            path: "pool/main/s/sbsigntool/sbsigntool_0.9.4-3.1_amd64.deb",
            sha256: "2e0469ef7769888e25b0f2883f9b11056029db2ea9231fd9e1b53559bbfee803",
            only: Some("./usr/bin/sbsign"),
            follows: None,
        },
        Package {
            name: "libssl3",
            version: "3.0.20-1~deb12u2",
            architecture: "amd64",
            path: "pool/main/o/openssl/libssl3_3.0.20-1~deb12u2_amd64.deb",
            sha256: "89be24b41bff568ee6e7caf5680a3d808e80315ed92e407056ce0fa7a5bda025",
            only: Some("./usr/lib/*"),
            follows: None,
        },
        Package {
            name: "libuuid1",
            version: "2.38.1-5+deb12u3",
            architecture: "amd64",
            path: "pool/main/u/util-linux/libuuid1_2.38.1-5%2bdeb12u3_amd64.deb",
            sha256: "5fff398321da62d28a842bcbabd193d72ae21724962c029dc32b1dc6b2deaeaf",
            ..WHOLE
        },
        Package {
            name: "libc6",
            version: "2.36-9+deb12u14",
            architecture: "amd64",
            path: "pool/main/g/glibc/libc6_2.36-9%2bdeb12u14_amd64.deb",
            sha256: "ba4f88f73dbc3ae9055f3c20f4523bfdbaf1ad13ff95e258924f77d20b4fbedf",
            only: Some("./lib*"),
            follows: None,
        },
    ],
};

/// GNU's linker for RISC-V, and every library that it is linked with.
pub const BINUTILS: Set = Set {
    name: "binutils",
    release: TRIXIE,
    packages: &[
        Package {
            name: "binutils-riscv64-linux-gnu",
            version: "2.44-3",
            architecture: "amd64",
            path: "pool/main/b/binutils/binutils-riscv64-linux-gnu_2.44-3_amd64.deb",
            sha256: "a7e5304f538357983164454ae2ccc7b9bfb8023f54ec6be4e682c6d8067f76ab",
            only: Some("./usr/bin ./usr/lib"),
            follows: None,
        },
        Package {
            name: "libjansson4",
            version: "2.14-2+b3",
            architecture: "amd64",
            path: "pool/main/j/jansson/libjansson4_2.14-2%2bb3_amd64.deb",
            sha256: "60707a62fe6c1228c3389b12a13ca4efd76defc5532473e547a29e99cf7d2a6e",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "libsframe1",
            version: "2.44-3",
            architecture: "amd64",
            path: "pool/main/b/binutils/libsframe1_2.44-3_amd64.deb",
            sha256: "38f625dfdc582717029ac3a3e97c51d994ec2e7a0e9b230c6b44e40d1276311f",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "libzstd1",
            version: "1.5.7+dfsg-1",
            architecture: "amd64",
            path: "pool/main/libz/libzstd/libzstd1_1.5.7%2bdfsg-1_amd64.deb",
            sha256: "2f6a2aeacfc925eba8b00ac9139bc4bfccf8cacb09eb93de067074b26948eef9",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "zlib1g",
            version: "1:1.3.dfsg+really1.3.1-1+deb13u1",
            architecture: "amd64",
            path: "pool/main/z/zlib/zlib1g_1.3.dfsg%2breally1.3.1-1%2bdeb13u1_amd64.deb",
            sha256: "8c27c342230503b73dfde629642c3b352e87b554e06d60cf58772f236a305ceb",
            only: Some("./usr/lib*"),
            follows: None,
        },
        Package {
            name: "libc6",
            version: "2.41-12+deb13u5",
            architecture: "amd64",
            path: "pool/main/g/glibc/libc6_2.41-12%2bdeb13u5_amd64.deb",
            sha256: "b59b0625cd1a791375d40dab23a4d5d3d0641e3d0a773501becdc3725b7f99cf",
            only: Some("./usr/lib*"),
            follows: None,
        },
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    const SETS: [&Set; 11] = [
        &RUST,
        &LINUX,
        &U_BOOT,
        &OPENSBI,
        &OPENSBI_OLD,
        &OPENSBI_NEW,
        &EDK2,
        &SYSTEMD_BOOT,
        &GRUB,
        &SBSIGN,
        &BINUTILS,
    ];

    #[test]
    fn every_package_has_a_hash_and_a_place_that_agrees_with_its_version() {
        for package in SETS.iter().flat_map(|set| set.packages) {
            assert_eq!(package.sha256.len(), 64, "{}", package.name);
            assert!(package.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()), "{}", package.name);
            let path = package.path.replace("%2b", "+");
            // The name of a file leaves the epoch out.
            let version = package.version.split_once(':').map_or(package.version, |(_, version)| version);
            assert!(path.contains(&format!("/{}_{version}_", package.name)), "{path}");
        }
    }
}
