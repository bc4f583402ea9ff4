//! The WIT contract as Rust types, made from `wit/` when the crate is compiled. Holds nothing else.

pub(crate) mod features {
    wasmtime::component::bindgen!({ path: "../../wit", world: "feature-plugin" });
}

pub(crate) mod model {
    wasmtime::component::bindgen!({ path: "../../wit", world: "model-plugin" });
}
