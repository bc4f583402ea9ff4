//! Deploys of a running pipeline: the new one's timelines are built from the log while the old one goes on, then
//! the node goes on as the new one. What the node does on two threads, done one thing after the other.

use std::sync::Arc;

use foreshore_core::Pipeline;
use foreshore_event::Time;
use foreshore_store::{Families, Store, StoreError};

use crate::node::{Keeper, Node, Running};
use crate::restart::pipeline;

/// Latenesses of a pipeline's instances, in seconds: the first is what a node begins with.
const LATENESSES: [[i64; 3]; 4] = [[20, 20, 60], [20, 5, 60], [3, 20, 60], [90, 90, 90]];

/// Another pipeline, being built beside the one that runs.
pub struct Building {
    pipeline: Arc<Pipeline>,
    store: Arc<Store>,
    families: Families,
}

impl Node {
    /// The pipeline with other latenesses, or with those it has.
    pub fn another_pipeline(&mut self) -> Arc<Pipeline> {
        let foreshore_max = self.pipeline.instances[0].timeline.foreshore_max;
        pipeline(self.random.of(LATENESSES), foreshore_max)
    }

    /// The next step of a deploy, now and then.
    pub fn deploy(&mut self, running: &mut Running) -> Result<(), StoreError> {
        match running.building.take() {
            None if self.random.below(8) == 0 => self.begin(running),
            None => Ok(()),
            Some(building) if self.random.below(3) == 0 => self.switch(running, building),
            Some(mut building) => {
                self.build(&mut building)?;
                running.building = Some(building);
                Ok(())
            }
        }
    }

    /// Begins to build what another pipeline has that the running one has not.
    fn begin(&mut self, running: &mut Running) -> Result<(), StoreError> {
        let pipeline = self.another_pipeline();
        if pipeline.revision() == self.pipeline.revision() {
            return Ok(());
        }
        self.configured = pipeline.clone();
        let had = &self.pipeline.manifest.instances;
        let instances = pipeline.manifest.instances.iter().enumerate();
        let changed = instances.filter(|(_, new)| !had.iter().any(|old| old.fold == new.fold));
        let changed = changed.map(|(at, _)| at).collect();
        let store = Arc::new(running.store.under(&pipeline)?);
        let first = store.records().log().range().0;
        let families = Families::new(store.clone(), pipeline.clone(), changed, first)?;
        let mut building = Building {
            pipeline,
            store,
            families,
        };
        self.build(&mut building)?;
        running.building = Some(building);
        Ok(())
    }

    /// Builds on, through the end of the log as it now is.
    fn build(&mut self, building: &mut Building) -> Result<(), StoreError> {
        let last = building.store.records().log().range().1;
        let Building { families, .. } = building;
        families.build(last, self.now, &mut self.world, &|_| {})
    }

    /// Goes on as the other pipeline.
    fn switch(&mut self, running: &mut Running, mut building: Building) -> Result<(), StoreError> {
        if self.random.below(4) > 0 {
            self.settle(running);
        }
        self.let_all_go(running)?;
        self.build(&mut building)?;
        let Building {
            pipeline,
            store,
            families,
        } = building;
        running.core.go_on_as(pipeline.clone());
        families.finish(&mut running.core)?;
        let manifest = store.manifest(&pipeline);
        running.core.deploy(manifest, &mut running.outputs);
        self.note(running);
        running.store = store.clone();
        let old = std::mem::replace(&mut self.pipeline, pipeline);
        self.commit(running)?;
        store.forget_others(&old)?;
        self.tally.deploys += 1;
        Ok(())
    }

    /// Puts everything away.
    fn let_all_go(&mut self, running: &mut Running) -> Result<(), StoreError> {
        loop {
            self.commit(running)?;
            while !matches!(running.keeper, Keeper::Idle) {
                self.keep(running)?;
            }
            match running.core.let_go(Time(i64::MAX), usize::MAX) {
                Some(leaving) => running.keeper = Keeper::Taken(Box::new(leaving)),
                None => {
                    assert!(!running.core.has_changes());
                    return Ok(());
                }
            }
        }
    }
}
