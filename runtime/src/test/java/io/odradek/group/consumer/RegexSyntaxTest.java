package io.odradek.group.consumer;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegexSyntaxTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "orders-[0-9]{1,3} orders-12",
                "(foo|bar)(-\\d+){0,20} bar-1-2-3",
                "\\p{Greek}{2} \u03b1\u03b2",
                "\\x{61}{3} aaa",
                "[]{}]{2} {}",
                "[^]a]{2} bb",
                "[[:alpha:]]{3} abc",
                "a{1000} a",
                "a{,5} a{,5}",
                "(?i)ABC abc",
                "(?:a{3}){3} aaaaaaaaa"
            })
    void isCompiled(String regex, String match) {
        var pattern = RegexSyntax.compile(regex);
        assertTrue(pattern.matches(match) || regex.equals("a{1000}"), regex);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[",
                "(",
                "a**",
                "a{1001}",
                "(?<=a)b",
                "(a)\\1",
                "((a{1000}){1000}){1000}",
                "(((a{99}){99}){99})",
                "(([a]{1000}x){1000}",
                "(\\d{1000}){1000}",
                "((\\p{L}{500}|[}){]{500}){500}"
            })
    void isRefused(String regex) {
        assertThrows(InvalidRegularExpression.class, () -> RegexSyntax.compile(regex));
    }

    @ParameterizedTest
    @ValueSource(ints = {30_000, 3_000_000})
    void theLongestIsRefused(int length) {
        assertThrows(InvalidRegularExpression.class, () -> RegexSyntax.compile("a".repeat(length)));
    }
}
