//! The component's side of the contract in `wit/`, as the generator writes it, and nothing else.
#![expect(
    missing_docs,
    reason = "generated: lifting and lowering by the canonical ABI; documented in wit/"
)]

/// The world of a feature plugin.
pub mod features {
    wit_bindgen::generate!({
        path: "../wit",
        world: "feature-plugin",
        pub_export_macro: true,
    });
}

/// The world of a model plugin.
pub mod model {
    wit_bindgen::generate!({
        path: "../wit",
        world: "model-plugin",
        pub_export_macro: true,
    });
}
