//! Finds or installs a toolchain for plugins, compiles them and makes components of them
