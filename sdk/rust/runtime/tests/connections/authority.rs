//! A certificate authority.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use natsgen_testing::NatsServer;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};

/// A certificate authority for a test, with its certificates in files.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    files: PathBuf,
}

impl Authority {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let files = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("tls-{}-{number}", std::process::id()));
        fs::create_dir_all(&files).unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, format!("authority {number}"));
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        fs::write(files.join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, files }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.files.join(file)
    }

    /// Writes a valid certificate and its key to `<file>.pem` and `<file>.key`.
    pub(crate) fn sign(&self, file: &str, names: &[&str]) {
        self.sign_until(file, names, 4000);
    }

    /// Writes a certificate that expires in this year.
    pub(crate) fn sign_until(&self, file: &str, names: &[&str], year: i32) {
        let key = KeyPair::generate().unwrap();
        let names: Vec<_> = names.iter().copied().map(str::to_owned).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_after = date_time_ymd(year, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        fs::write(self.path(&format!("{file}.pem")), certificate.pem()).unwrap();
        fs::write(self.path(&format!("{file}.key")), key.serialize_pem()).unwrap();
    }

    /// Starts a server with a certificate of this authority. `tls` adds options to its `tls` block, `more` to the top
    /// level.
    pub(crate) fn server(&self, tls: &str, more: &str) -> NatsServer {
        self.sign("server", &["localhost", "127.0.0.1"]);
        let files = self.files_of("server");
        NatsServer::start_with(&format!("tls {{ {files} {tls} }}\n{more}")).unwrap()
    }

    /// The members of a `tls` block with this certificate.
    pub(crate) fn files_of(&self, name: &str) -> String {
        let [certificate, key, root] = [
            format!("{name}.pem"),
            format!("{name}.key"),
            "ca.pem".to_owned(),
        ]
        .map(|file| self.path(&file).display().to_string());
        format!("cert_file: {certificate:?}, key_file: {key:?}, ca_file: {root:?}")
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        // Files that cannot be removed stay in the target directory.
        let _ = fs::remove_dir_all(&self.files);
    }
}
