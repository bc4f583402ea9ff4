//! Card fraud example: a seeded generator of card traffic
