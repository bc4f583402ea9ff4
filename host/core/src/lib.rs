//! The sans-IO core: one step takes an input and gives answers, records and amendments
