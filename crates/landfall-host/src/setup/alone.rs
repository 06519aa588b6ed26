//! One set-up at a time: while one installs a program, another finds it half unpacked.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use rustix::fs::FlockOperation;

use crate::cache;

/// Runs `find_or_install` while no other thread or process of this user runs one.
///
/// Without a folder for the lock, it runs all the same.
pub(super) fn alone<T>(find_or_install: impl FnOnce() -> T) -> T {
    let _lock = cache::folder().and_then(|folder| lock(&folder).ok());
    find_or_install()
}

/// Waits for the lock in `folder`. It lasts as long as the file is open.
fn lock(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let file = File::create(folder.join("set-up.lock"))?;
    rustix::fs::flock(&file, FlockOperation::LockExclusive)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn threads_hold_the_lock_one_after_the_other() {
        let directory = crate::private::folder("landfall-").expect("a directory");
        let inside = AtomicU32::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let _lock = lock(&directory.path().join("cache")).expect("a lock");
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
    }
}
