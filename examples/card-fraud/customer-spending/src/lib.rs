//! Card fraud example: customer-spending
