//! The requests.

use limine::BaseRevision;
use limine::request::{
    BootloaderInfoRequest, BspHartidRequest, DeviceTreeBlobRequest, ExecutableAddressRequest,
    ExecutableCmdlineRequest, ExecutableFileRequest, FirmwareTypeRequest, HhdmRequest, MemoryMapRequest,
    ModuleRequest, MpRequest, RequestsEndMarker, RequestsStartMarker,
};

macro_rules! requests {
    ($($section:literal $name:ident: $kind:ident;)*) => {
        $(
            #[used]
            #[unsafe(link_section = $section)]
            pub(crate) static $name: $kind = $kind::new();
        )*
    };
}

requests! {
    ".requests.0" START: RequestsStartMarker;
    ".requests.1" BASE_REVISION: BaseRevision;
    ".requests.1" LOADER: BootloaderInfoRequest;
    ".requests.1" FIRMWARE: FirmwareTypeRequest;
    ".requests.1" COMMAND_LINE: ExecutableCmdlineRequest;
    ".requests.1" HHDM: HhdmRequest;
    ".requests.1" MEMORY: MemoryMapRequest;
    ".requests.1" ADDRESS: ExecutableAddressRequest;
    ".requests.1" FILE: ExecutableFileRequest;
    ".requests.1" MODULES: ModuleRequest;
    ".requests.1" TREE: DeviceTreeBlobRequest;
    ".requests.1" BOOT_HART: BspHartidRequest;
    ".requests.1" HARTS: MpRequest;
    ".requests.2" END: RequestsEndMarker;
}
