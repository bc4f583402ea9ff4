//! Card fraud example: fraud-model
