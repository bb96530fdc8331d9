//! The first pass over a whole item, before anything of it is decoded: the guard of XML, the survey of a
//! table, or what the item is where nobody reads it. Refuses to decode.

use super::{ItemContext, Open};
use crate::dialect::{Dialect, Form, Markup, Shape, is_for_guard, is_json, no_rows};
use std::io::{self, Read};
use tongcha_schema::finding::Finding;
use tongcha_schema::xml::{Guarded, Undeclared, fault, guard_as};

/// What the first pass found of an item that goes on.
pub(super) struct FirstPass {
    /// Form of a table.
    pub form: Form,
    /// What the guard warns of.
    pub guarded: Vec<Finding>,
    /// Records that the guard counted.
    pub records: u64,
}

/// Looks through an item to its end; `stranger` says what it is where nobody reads it. The inner error is what
/// refuses it whole.
///
/// # Errors
/// Whatever reading the bytes reports.
pub(super) fn first_pass(
    ctx: &ItemContext<'_>,
    found: Option<&Dialect>,
    start: &[u8],
    open: &mut Open<'_>,
    stranger: &dyn Fn() -> Finding,
) -> io::Result<Result<FirstPass, Vec<Finding>>> {
    let shape = found.map(Dialect::shape);
    let is_table = shape.is_some_and(Shape::is_table);
    let markup = Markup::of(start);
    let mut first = FirstPass {
        form: Form::Text(Undeclared::Utf8),
        guarded: Vec::new(),
        records: 0,
    };
    let is_strange = found.is_none() && !is_for_guard(start);
    if is_strange || !is_table && is_json(start) {
        let fault = match is_json(start) {
            true => no_rows(ctx.name, &mut open()?)?,
            false => None,
        };
        return Ok(Err(vec![fault.unwrap_or_else(stranger)]));
    }
    // A web page needs not be well-formed; an XML spreadsheet is XML like any other.
    let is_page = found.is_none() && markup == Some(Markup::Page);
    if !is_page && (!is_table || markup == Some(Markup::Sheet)) {
        let pass = judged(ctx, found, &mut open()?)?;
        if pass.refused() {
            return Ok(Err(pass.findings));
        }
        (first.guarded, first.records) = (pass.findings, pass.records);
    }
    if let (None, Some(markup)) = (found, markup) {
        let survey = Form::survey(Shape::Csv, None, ctx.name, start, open)?;
        let told = survey.map_or_else(|refused| refused, |_| markup.told(ctx.name, 1));
        return Ok(Err(vec![told]));
    }
    if let Some(shape) = shape.filter(|shape| shape.is_table()) {
        let told = found.and_then(Dialect::encoding);
        match Form::survey(shape, told, ctx.name, start, open)? {
            Ok((form, warned)) => {
                first.form = form;
                first.guarded.extend(warned);
            }
            Err(finding) => return Ok(Err(vec![finding])),
        }
    }
    Ok(Ok(first))
}

/// What the guard says of a document, in the encoding that its dialect states; that it does so is noted.
fn judged(
    ctx: &ItemContext<'_>,
    dialect: Option<&Dialect>,
    input: &mut dyn Read,
) -> io::Result<Guarded> {
    let mut pass = guard_as(input, ctx.name, dialect.and_then(Dialect::encoding))?;
    if let (false, Some(declared), Some(dialect)) = (pass.refused(), &pass.overruled, dialect) {
        let note = fault::overruled(ctx.name, declared, &dialect.name, pass.encoding);
        pass.findings.push(note);
    }
    Ok(pass)
}
