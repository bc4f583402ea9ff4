//! The places a port has for connections: so many in all, so many for each client. Gives a place or the refusal;
//! must not know what a connection is used for.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::wire::Refusal;

/// Bits of an IPv6 address that are the client's own to choose: a whole network of them is one client.
const OWN_BITS: u32 = 64;

/// The places of a port.
#[derive(Debug)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    all_max: usize,
    by_client: Mutex<HashMap<IpAddr, usize>>,
    by_client_max: usize,
}

/// A connection's place, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    client: IpAddr,
    _one: OwnedSemaphorePermit,
}

impl Places {
    /// So many places, of which one client may have so many.
    pub(super) fn new(all_max: usize, by_client_max: usize) -> Places {
        let all_max = all_max.clamp(1, Semaphore::MAX_PERMITS);
        Places {
            all: Arc::new(Semaphore::new(all_max)),
            all_max,
            by_client: Mutex::default(),
            by_client_max,
        }
    }

    /// A place for a client.
    ///
    /// # Errors
    /// [`Refusal::PortFull`], [`Refusal::AddressFull`].
    pub(super) fn take(self: &Arc<Places>, address: IpAddr) -> Result<Place, Refusal> {
        let one = self.all.clone().try_acquire_owned();
        let one = one.map_err(|_| Refusal::PortFull)?;
        let client = client(address);
        let mut by_client = self.by_client();
        let taken = by_client.entry(client).or_default();
        if *taken >= self.by_client_max {
            return Err(Refusal::AddressFull);
        }
        *taken += 1;
        Ok(Place {
            places: self.clone(),
            client,
            _one: one,
        })
    }

    /// Waits until every place is free.
    pub(super) async fn emptied(&self) {
        // To have them all is to be alone. They are never closed.
        let all = u32::try_from(self.all_max).unwrap_or(u32::MAX);
        drop(self.all.acquire_many(all).await);
    }

    fn by_client(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        // Numbers, each changed in one go: a panic leaves none half changed.
        let locked = self.by_client.lock();
        locked.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut by_client = self.places.by_client();
        if let Some(taken) = by_client.get_mut(&self.client) {
            *taken -= 1;
            if *taken == 0 {
                by_client.remove(&self.client);
            }
        }
    }
}

/// Who an address is counted as.
fn client(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() >> OWN_BITS << OWN_BITS;
            Ipv6Addr::from_bits(network).into()
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_has_so_many_places_and_a_client_so_many_of_them() {
        let places = Arc::new(Places::new(3, 2));
        let take = |address: &str| places.take(address.parse().unwrap());
        let first = take("10.0.0.1").unwrap();
        let second = take("::ffff:10.0.0.1").unwrap();
        assert_eq!(take("10.0.0.1").unwrap_err(), Refusal::AddressFull);
        let third = take("2001:db8::1").unwrap();
        assert_eq!(take("10.0.0.2").unwrap_err(), Refusal::PortFull);
        assert_eq!(places.all.available_permits(), 0);
        drop(first);
        drop(take("2001:db8::ffff:2").unwrap());
        drop(take("10.0.0.1").unwrap());
        drop((second, third));
        assert_eq!(places.all.available_permits(), 3);
        assert!(places.by_client().is_empty(), "who left is forgotten");
    }

    #[test]
    fn a_network_of_ipv6_addresses_is_one_client() {
        let places = Arc::new(Places::new(9, 1));
        let take = |address: &str| places.take(address.parse().unwrap());
        let _one = take("2001:db8::1").unwrap();
        assert_eq!(take("2001:db8::2").unwrap_err(), Refusal::AddressFull);
        let _other = take("2001:db8:0:1::1").unwrap();
    }
}
