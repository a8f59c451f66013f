//! The seal: `age` with a passphrase. Work makes each guess at it expensive.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::iter;

use age::stream::{StreamReader, StreamWriter};
use age::{DecryptError, Decryptor, Encryptor, scrypt};

use crate::{Error, Passphrase};

/// scrypt's N is two to the power of this: about half a second, and 128 MB of memory while it takes.
const WORK_FACTOR: u8 = 17;
/// What a file may ask for: an `age` of its own may have made it.
const WORK_FACTOR_MAX: u8 = 20;

/// A writer whose output is sealed. What is not finished can't be opened.
pub(crate) type Sealing = StreamWriter<BufWriter<File>>;

/// Begins a sealed file.
///
/// # Errors
/// When it can't be written.
pub(crate) fn seal(file: File, passphrase: &Passphrase) -> io::Result<Sealing> {
    let mut recipient = scrypt::Recipient::new(passphrase.secret());
    recipient.set_work_factor(WORK_FACTOR);
    let encryptor =
        Encryptor::with_recipients(iter::once(&recipient as _)).map_err(io::Error::other)?;
    encryptor.wrap_output(BufWriter::new(file))
}

/// Ends a sealed file, and returns when it is on the disk.
///
/// # Errors
/// When it can't be written.
pub(crate) fn finish(sealing: Sealing) -> io::Result<()> {
    let mut output = sealing.finish()?;
    output.flush()?;
    output.get_ref().sync_all()
}

/// Opens a sealed file.
///
/// # Errors
/// When it is none, is cut off, or the passphrase is another one.
pub(crate) fn open(
    file: File,
    passphrase: &Passphrase,
) -> Result<StreamReader<BufReader<File>>, Error> {
    let decryptor = Decryptor::new_buffered(BufReader::new(file)).map_err(of_header)?;
    if !decryptor.is_scrypt() {
        return Err(Error::NoMoveFile);
    }
    let mut identity = scrypt::Identity::new(passphrase.secret());
    identity.set_max_work_factor(WORK_FACTOR_MAX);
    decryptor.decrypt(iter::once(&identity as _)).map_err(of_header)
}

fn of_header(error: DecryptError) -> Error {
    match error {
        DecryptError::DecryptionFailed
        | DecryptError::KeyDecryptionFailed
        | DecryptError::NoMatchingKeys => Error::WrongPassphrase,
        DecryptError::InvalidMac => Error::Damaged,
        DecryptError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => Error::Damaged,
        DecryptError::Io(error) => Error::Unreadable(error),
        DecryptError::UnknownFormat => Error::Newer,
        _ => Error::NoMoveFile,
    }
}

/// Reads what is left: only the last piece of a sealed file says that nothing is missing.
///
/// # Errors
/// When something is.
pub(crate) fn read_to_end(reader: &mut impl Read) -> io::Result<()> {
    io::copy(reader, &mut io::sink()).map(drop)
}
