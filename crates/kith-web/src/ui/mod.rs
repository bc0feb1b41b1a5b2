//! What pages are made of: the page around them, and form fields that show what was typed and what is wrong with it.

mod compare;
pub(crate) mod facts;
mod form;
mod items;
mod kept;
mod options;
mod page;
mod pages;
mod reason;
mod table;

pub(crate) use compare::compare;
pub(crate) use form::{FormView, Html};
pub(crate) use items::{People, item_fields};
pub(crate) use kept::kept;
pub(crate) use options::*;
pub(crate) use page::{Page, Step, Tag, render, render_with, see_other, stages};
pub(crate) use pages::{Numbered, OfState, Pages};
pub(crate) use reason::ReasonPage;
pub(crate) use table::{Column, Row, columns, days_ago};
