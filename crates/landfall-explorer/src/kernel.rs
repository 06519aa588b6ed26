//! The kernel of a request, and a kernel saved for one.

use landfall_image::feature::{Feature, Features};
use landfall_image::record;
use landfall_plan::Policy;
use landfall_predict::blueprint::Blueprint;
use landfall_predict::hex::{hex, unhex};
use landfall_predict::inner::InnerImage;

use crate::base64::Bytes;
use crate::fault::Fault;
use crate::recorded;
use crate::request::{Kernel, Parts, Saved};

/// A kernel with its name.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// The name in a command line.
    pub(crate) name: String,
    /// The facts.
    pub(crate) blueprint: Blueprint,
}

impl Kernel {
    /// Returns the kernel with the name that a command line has for it.
    pub(crate) fn read(&self) -> Result<Named, Fault> {
        match self {
            Self::Blueprint(saved) => saved.read(),
            Self::Image(image) => {
                let blueprint = Blueprint::of_image(&image.0);
                let blueprint = blueprint.map_err(|error| Fault::of("kernel.image", error.to_string()))?;
                Ok(Named { name: "KERNEL".to_owned(), blueprint })
            }
        }
    }

    /// Returns the kernel of a request: `kernel`, or the recorded one.
    pub(crate) fn of_request(kernel: Option<&Self>) -> Result<Named, Fault> {
        kernel.map_or_else(|| recorded::kernel().read(), Self::read)
    }
}

impl Saved {
    /// Saves a kernel; `None` if its image or its policy is damaged.
    #[must_use]
    pub fn of(name: &str, blueprint: &Blueprint) -> Option<Self> {
        blueprint.seal.ok()?;
        let record::Parts { text, constants, early, data } = blueprint.parts;
        Some(Self {
            name: name.to_owned(),
            parts: Parts { text, constants, early, data },
            policy: hex(&blueprint.policy.ok()?.record()),
            compiled_out: blueprint.missing.iter().map(|feature| feature.name().to_owned()).collect(),
            slots: blueprint.slots,
            inner: blueprint.inner.as_ref().map(|inner| Bytes(inner.record().to_vec())),
        })
    }

    fn read(&self) -> Result<Named, Fault> {
        let Parts { text, constants, early, data } = self.parts;
        let parts = [text, constants, early, data];
        let whole = |part: &u64| part.is_multiple_of(4096) && *part < LARGEST_IMAGE;
        if text == 0 || !parts.iter().all(whole) || parts.iter().sum::<u64>() >= LARGEST_IMAGE {
            return Err(Fault::of(
                "kernel.blueprint.parts",
                "an image has parts of whole pages, some text, and less than 0x70000000 bytes",
            ));
        }
        let policy = unhex(&self.policy).unwrap_or_default();
        let policy =
            Policy::read(&policy).map_err(|error| Fault::of("kernel.blueprint.policy", error.to_string()))?;
        let known = |name: &String| Feature::ALL.iter().copied().find(|feature| feature.name() == name);
        let missing = self.compiled_out.iter().try_fold(Features::NONE, |missing, name| {
            let wrong =
                || Fault::of("kernel.blueprint.compiled_out", format!("landfall has no feature {name:?}"));
            Ok(missing.with(known(name).ok_or_else(wrong)?))
        })?;
        let blueprint = Blueprint {
            missing,
            parts: record::Parts { text, constants, early, data },
            policy: Ok(policy),
            slots: self.slots,
            seal: Ok(()),
            inner: self.inner.as_ref().map(|inner| InnerImage::of_record(inner.0.clone())),
        };
        Ok(Named { name: self.name.clone(), blueprint })
    }
}

/// The linker script's limit of an image.
const LARGEST_IMAGE: u64 = 0x7000_0000;
