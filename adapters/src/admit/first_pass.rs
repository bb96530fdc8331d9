//! The first pass over a whole item, before anything of it is decoded: the guard of XML, the survey of a
//! table, or what the item is where nobody reads it. Refuses to decode.

use super::{ItemContext, Open};
use crate::dialect::{Dialect, Form, Markup, Shape, is_json, no_rows};
use std::io::{self, Read};
use tongcha_schema::code::transport as x1;
use tongcha_schema::finding::{Finding, Place};
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

/// Looks through an item to its end. The inner error is what refuses it whole.
///
/// # Errors
/// Whatever reading the bytes reports.
pub(super) fn first_pass(
    ctx: &ItemContext<'_>,
    found: Option<&Dialect>,
    start: &[u8],
    open: &mut Open<'_>,
) -> io::Result<Result<FirstPass, Vec<Finding>>> {
    let shape = found.map(Dialect::shape);
    let is_table = shape.is_some_and(Shape::is_table);
    let markup = Markup::of(start);
    let mut first = FirstPass {
        form: Form::Text(Undeclared::Utf8),
        guarded: Vec::new(),
        records: 0,
    };
    if !is_table && is_json(start) {
        let fault = no_rows(ctx.name, &mut open()?)?;
        let told = fault.unwrap_or_else(|| unknown_dialect(ctx, start));
        return Ok(Err(vec![told]));
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

/// The finding about an item whose format nobody knows.
pub(super) fn unknown_dialect(ctx: &ItemContext<'_>, start: &[u8]) -> Finding {
    let place = Place {
        file: ctx.name.to_owned(),
        ..Place::default()
    };
    // Twelve characters tell a format and no person.
    let text = String::from_utf8_lossy(&start[..start.len().min(64)]);
    let shown: String = text.chars().filter(|c| !c.is_control()).take(12).collect();
    Finding::new(x1::UNKNOWN_DIALECT, place).with("start", shown)
}
