//! `Upstash-Retry-Delay`: arithmetic over `retried` that gives milliseconds.

/// Longer expressions are refused; also bounds how deep they nest.
const LENGTH_LIMIT: usize = 500;
/// Parentheses, calls and signs inside each other.
const DEPTH_LIMIT: usize = 40;

/// Evaluates `text` with `retried` retries made so far.
///
/// # Errors
/// What is wrong with the expression, in words for its author.
pub(crate) fn evaluate(text: &str, retried: u32) -> Result<f64, String> {
    if text.len() > LENGTH_LIMIT {
        return Err(format!("the expression is longer than {LENGTH_LIMIT} characters"));
    }
    let mut parser = Parser { rest: text, retried: f64::from(retried), depth: 0 };
    let value = parser.sum()?;
    parser.skip_blanks();
    match parser.rest.chars().next() {
        None => Ok(value),
        Some(extra) => Err(format!("unexpected {extra:?}")),
    }
}

/// Evaluates while it parses: every branch is visited, so a value proves the syntax.
struct Parser<'a> {
    rest: &'a str,
    retried: f64,
    depth: usize,
}

impl Parser<'_> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, symbols: &[char]) -> Option<char> {
        self.skip_blanks();
        let symbol = self.rest.chars().next().filter(|c| symbols.contains(c))?;
        self.rest = &self.rest[symbol.len_utf8()..];
        Some(symbol)
    }

    fn sum(&mut self) -> Result<f64, String> {
        let mut value = self.product()?;
        while let Some(symbol) = self.take(&['+', '-']) {
            let right = self.product()?;
            value = if symbol == '+' { value + right } else { value - right };
        }
        Ok(value)
    }

    fn product(&mut self) -> Result<f64, String> {
        let mut value = self.signed()?;
        while let Some(symbol) = self.take(&['*', '/', '%']) {
            let right = self.signed()?;
            value = match symbol {
                '*' => value * right,
                '/' => value / right,
                _ => value % right,
            };
        }
        Ok(value)
    }

    fn signed(&mut self) -> Result<f64, String> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err("the expression nests too deep".into());
        }
        let value = match self.take(&['-', '+']) {
            Some('-') => -self.signed()?,
            Some(_) => self.signed()?,
            None => self.atom()?,
        };
        self.depth -= 1;
        Ok(value)
    }

    fn atom(&mut self) -> Result<f64, String> {
        if self.take(&['(']).is_some() {
            let value = self.sum()?;
            return self.close().map(|()| value);
        }
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        let end = self.rest.find(|c| !word(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        if name.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return name.parse().map_err(|_| format!("{name:?} is not a number"));
        }
        if self.take(&['(']).is_some() {
            let arguments = self.arguments()?;
            return call(name, &arguments);
        }
        match name {
            "retried" => Ok(self.retried),
            "" => Err(self.rest.chars().next().map_or_else(
                || "the expression ends too early".into(),
                |found| format!("unexpected {found:?}"),
            )),
            other => Err(format!("{other:?} is neither a number nor \"retried\"")),
        }
    }

    fn arguments(&mut self) -> Result<Vec<f64>, String> {
        let mut arguments = vec![self.sum()?];
        while self.take(&[',']).is_some() {
            arguments.push(self.sum()?);
        }
        self.close().map(|()| arguments)
    }

    fn close(&mut self) -> Result<(), String> {
        self.take(&[')']).map(|_| ()).ok_or_else(|| "a ')' is missing".into())
    }
}

fn call(name: &str, arguments: &[f64]) -> Result<f64, String> {
    Ok(match (name, arguments) {
        ("pow", [base, exponent]) => base.powf(*exponent),
        ("exp", [x]) => x.exp(),
        ("sqrt", [x]) => x.sqrt(),
        ("abs", [x]) => x.abs(),
        ("floor", [x]) => x.floor(),
        ("ceil", [x]) => x.ceil(),
        ("round", [x]) => x.round(),
        ("min", list) => list.iter().copied().fold(f64::INFINITY, f64::min),
        ("max", list) => list.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        ("pow" | "exp" | "sqrt" | "abs" | "floor" | "ceil" | "round", _) => {
            return Err(format!("{name} takes another number of arguments"));
        }
        _ => return Err(format!("there is no function {name:?}")),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_table_of_expressions_holds() {
        for (text, retried, value) in [
            ("1000", 0, 1000.0),
            ("1000 * (1 + retried)", 2, 3000.0),
            ("pow(2, retried) * 1000", 3, 8000.0),
            ("min(86400000, exp(2.5*(retried+1))*1000)", 9, 86_400_000.0),
            ("max(1000, pow(2, retried) * 100)", 1, 1000.0),
            ("1 + 2 * 3", 0, 7.0),
            ("(1 + 2) * 3", 0, 9.0),
            ("10 - 2 - 3", 0, 5.0),
            ("100 / 5 / 2", 0, 10.0),
            ("7 % 4", 0, 3.0),
            ("-retried + 5", 2, 3.0),
            ("2 * -3 + 10", 0, 4.0),
            ("sqrt(16) + abs(-2)", 0, 6.0),
            ("floor(1.9) + ceil(1.1) + round(2.5)", 0, 6.0),
            ("min(3, 1, 2)", 0, 1.0),
            (" retried ", 4, 4.0),
            (".5*2", 0, 1.0),
        ] {
            assert_eq!(evaluate(text, retried), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused_in_words() {
        for text in [
            "",
            " ",
            "1 +",
            "(1",
            "1)",
            "pow(2)",
            "pow(1,2,3)",
            "exp()",
            "system(1)",
            "x",
            "1 2",
            "1..2",
            "retried retried",
            "* 1",
            "min()",
            "1,2",
            "é",
        ] {
            assert!(evaluate(text, 0).is_err(), "{text:?}");
        }
        assert!(evaluate(&"(".repeat(400), 0).is_err());
        assert!(evaluate(&"-".repeat(499), 0).is_err());
        assert!(evaluate(&"1+".repeat(300), 0).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "[-+*/%(), a-z0-9.é]{0,80}") {
            let _ = evaluate(&text, 3);
        }

        #[test]
        fn arithmetic_is_that_of_rust(a in -1e6..1e6_f64, b in 1.0..1e6_f64, c in -1e3..1e3_f64) {
            let text = format!("{a:.3} - {b:.3} * ({c:.3} + 2) / 3");
            let read = |x: f64| format!("{x:.3}").parse::<f64>().unwrap();
            let (a, b, c) = (read(a), read(b), read(c));
            prop_assert_eq!(evaluate(&text, 0), Ok(a - b * (c + 2.0) / 3.0));
        }
    }
}
