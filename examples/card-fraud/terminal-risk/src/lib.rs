//! Card fraud example: terminal-risk
