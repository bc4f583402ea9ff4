//! What an event is: its typed row, its order, its identity, and how bytes become one
