//! The rules of a contact service. No IO, no clock, no randomness: today's date and new ids are arguments.
//!
//! Modules by stage of the service: [`referral`], [`verification`], [`risk`], [`order`], [`plan`], [`booking`],
//! [`session`], [`record`], [`report`]; by duty: [`access`], [`account`], [`allocation`], [`retention`],
//! [`sharing`], [`notice`]; and underneath: [`ids`],
//! [`catalogue`], [`person`], [`fact`], [`codes`], [`calendar`], [`delivery`], [`form`].

pub mod access;
pub mod account;
pub mod agreement;
pub mod allocation;
pub mod booking;
pub mod breach;
pub mod browser;
pub mod calendar;
pub mod catalogue;
pub mod clock;
pub mod codes;
pub mod contact_refusal;
pub mod decision;
pub mod delivery;
pub mod document;
pub mod fact;
pub mod form;
pub mod hand_over;
pub mod ids;
pub mod listed;
pub mod notice;
pub mod order;
pub mod pack;
pub mod person;
pub mod plan;
pub mod privacy_notice;
pub mod record;
pub mod referral;
pub mod refusal;
pub mod register;
pub mod report;
pub mod research;
pub mod retention;
pub mod rights;
pub mod risk;
pub mod same;
pub mod session;
pub mod sharing;
pub mod venue;
pub mod verification;
pub mod words;
