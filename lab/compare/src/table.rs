//! Rows and columns, as Markdown and JSON.

use std::fmt;

use serde_json::{Map, Value};

/// A field of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A count.
    Number(u64),
    /// Mean, least and most of a count per million, shown per thousand.
    PerMillion([u64; 3]),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its content.
    pub title: &'static str,
    /// Heads of the columns, which are keys in JSON.
    pub columns: Vec<&'static str>,
    /// Rows, each with a cell for every column.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// The table as an object: its title, and an object for each row.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let row = |row: &Vec<Cell>| {
            let cells = self.columns.iter().zip(row).map(|(column, cell)| {
                let value = match cell {
                    Cell::Text(text) => text.as_str().into(),
                    Cell::Number(number) => (*number).into(),
                    Cell::PerMillion(counts) => serde_json::json!(counts),
                };
                ((*column).to_owned(), value)
            });
            Value::Object(cells.collect::<Map<_, _>>())
        };
        serde_json::json!({ "title": self.title, "rows": self.rows.iter().map(row).collect::<Vec<_>>() })
    }
}

/// Markdown, with numbers to the right and their digits in threes.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n\n| {} |", self.title, self.columns.join(" | "))?;
        let is_number =
            |column| self.rows.iter().any(|row| !matches!(row.get(column), None | Some(Cell::Text(_))));
        let rules: Vec<_> =
            (0..self.columns.len()).map(|at| if is_number(at) { "---:" } else { "---" }).collect();
        writeln!(f, "|{}|", rules.join("|"))?;
        for row in &self.rows {
            row.iter().try_for_each(|cell| write!(f, "| {cell} "))?;
            writeln!(f, "|")?;
        }
        Ok(())
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => {
                let digits = number.to_string();
                for (index, digit) in digits.chars().enumerate() {
                    if index != 0 && (digits.len() - index).is_multiple_of(3) {
                        f.write_str(",")?;
                    }
                    write!(f, "{digit}")?;
                }
                Ok(())
            }
            Self::PerMillion([mean, least, most]) => {
                let thousands = |count: &u64| format!("{}.{:03}", count / 1000, count % 1000);
                write!(f, "{} ({} to {})", thousands(mean), thousands(least), thousands(most))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_markdown_and_json() {
        let rows = vec![
            vec!["a".into(), Cell::Number(7)],
            vec!["b".into(), Cell::Number(1_234_567)],
            vec!["c".into(), Cell::PerMillion([12_034, 9, 12_500])],
        ];
        let table = Table { title: "Title", columns: vec!["what", "count"], rows };
        assert_eq!(
            table.to_string(),
            "Title\n\n| what | count |\n|---|---:|\n| a | 7 |\n| b | 1,234,567 |\n\
             | c | 12.034 (0.009 to 12.500) |\n"
        );
        let json = r#"{"title":"Title","rows":[{"what":"a","count":7},{"what":"b","count":1234567},{"what":"c","count":[12034,9,12500]}]}"#;
        assert_eq!(table.to_json().to_string(), json);
    }
}
