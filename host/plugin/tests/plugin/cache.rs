//! Compiled forms on disk: takes a folder in every state, checks what is loaded from it and what is not.
//! Must not know what the component does.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use foreshore_plugin::{Compiler, Engine, EngineSettings, FeaturePlugin, Limits};

use crate::guests;

/// A folder of this test alone, gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("foreshore-{name}-{}", std::process::id());
        Folder(std::env::temp_dir().join(name))
    }

    fn files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(&self.0).unwrap();
        files.map(|file| file.unwrap().path()).collect()
    }

    fn load(&self) -> FeaturePlugin {
        let engine = Engine::new(EngineSettings {
            cache: Some(self.0.clone()),
            instances: 2,
            compiler: Compiler::Here,
        });
        FeaturePlugin::load(
            &engine.unwrap(),
            &guests::features(&guests::counter("")),
            &Limits::default(),
        )
        .unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_compiled_form_is_kept_for_its_owner_alone_and_found_again() {
    let folder = Folder::new("kept");
    folder.load();
    let [file] = &folder.files()[..] else {
        panic!("{:?}", folder.files());
    };
    let mode = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder.0), mode(file)), (0o700, 0o600));
    let kept = fs::metadata(file).unwrap().modified().unwrap();
    folder.load();
    assert_eq!(fs::metadata(file).unwrap().modified().unwrap(), kept);
}

#[test]
fn a_damaged_or_cut_compiled_form_is_compiled_again_not_loaded() {
    let folder = Folder::new("damaged");
    folder.load();
    let file = folder.files().remove(0);
    let sound = fs::read(&file).unwrap();
    let mut flipped = sound.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let mut of_another_version = sound.clone();
    of_another_version[15] -= 1;
    for damaged in [
        flipped.as_slice(),
        &of_another_version,
        &sound[..20],
        &sound[..sound.len() - 1],
        b"",
    ] {
        fs::write(&file, damaged).unwrap();
        folder.load();
        assert!(fs::read(&file).unwrap().len() == sound.len());
        assert_ne!(fs::read(&file).unwrap(), damaged);
    }
}

#[test]
fn a_compiled_form_that_others_can_write_is_not_loaded() {
    let folder = Folder::new("writable");
    folder.load();
    let file = folder.files().remove(0);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    folder.load();
    let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
}

#[test]
fn a_cache_folder_that_others_can_enter_is_refused() {
    let folder = Folder::new("shared");
    fs::create_dir(&folder.0).unwrap();
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o755)).unwrap();
    let settings = EngineSettings {
        cache: Some(folder.0.clone()),
        instances: 2,
        compiler: Compiler::Here,
    };
    let message = Engine::new(settings).err().unwrap().to_string();
    assert!(message.contains("has mode 755, expected 700"), "{message}");
}
