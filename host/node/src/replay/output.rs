//! A file that appears whole or not at all: written under another name beside its own, and renamed at the
//! end. Must not know what is written.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Bytes gathered before they are written.
const BUFFER_BYTES: usize = 1 << 20;

/// A file being written.
#[derive(Debug)]
pub struct Output {
    file: BufWriter<File>,
    path: PathBuf,
    partial: PathBuf,
}

impl Output {
    /// Starts a file.
    ///
    /// # Errors
    /// When its folder does not take one.
    pub fn create(path: &Path) -> io::Result<Output> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = BufWriter::with_capacity(BUFFER_BYTES, File::create(&partial)?);
        Ok(Output {
            file,
            path: path.to_owned(),
            partial,
        })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When the rest of it cannot be written, or the name is taken by a folder.
    pub fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.partial, &self.path)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Output {
    /// Takes away what was not finished; once it has its name, there is nothing left here.
    fn drop(&mut self) {
        drop(fs::remove_file(&self.partial));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_when_it_is_whole() {
        let path =
            std::env::temp_dir().join(format!("foreshore-output-{}.csv", std::process::id()));
        let mut output = Output::create(&path).unwrap();
        output.write_all(b"half").unwrap();
        let partial = output.partial.clone();
        drop(output);
        assert!(!path.exists() && !partial.exists());
        let mut output = Output::create(&path).unwrap();
        output.write_all(b"whole").unwrap();
        output.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert!(!partial.exists());
        fs::remove_file(path).unwrap();
    }
}
