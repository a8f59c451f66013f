//! The laws that the scheduler keeps, each told by a test's name.

mod access;
mod browser;
mod bulk;
mod connections;
mod contradictions;
mod delivery;
mod development;
mod durability;
mod ending;
mod flow_control;
mod go_wire;
mod kill;
mod log;
mod operation;
mod page;
mod plans;
mod program;
mod publishing;
mod queues;
mod schedules;
mod secrets;
mod support;
mod url_groups;
mod wake_ups;
