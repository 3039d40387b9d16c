package io.odradek.group.consumer;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.regex.MatchResult;
import org.apache.kafka.common.errors.InvalidRegularExpression;

/**
 * Regular expressions as members may subscribe to them: RE2's. It promises a time linear in the expression, but counts are
 * unrolled, so that thirty characters can stand for a program of a billion steps that no broker has the memory for. Such
 * an expression is refused before it is compiled.
 */
final class RegexSyntax {
    /** Steps of the compiled expression, about: a list of some hundred long topic names. */
    private static final long MAX_STEPS = 20_000;

    private static final java.util.regex.Pattern COUNT = java.util.regex.Pattern.compile("\\{(\\d+)(,(\\d*))?\\}");

    private final String regex;
    private int position;

    private RegexSyntax(String regex) {
        this.regex = regex;
    }

    /** @throws InvalidRegularExpression it is none, or too large */
    static Pattern compile(String regex) {
        if (new RegexSyntax(regex).steps() > MAX_STEPS) {
            throw new InvalidRegularExpression("SubscribedTopicRegex of " + regex.length()
                    + " characters is too large when its counts are" + " written out.");
        }
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new InvalidRegularExpression(String.format(
                    "SubscribedTopicRegex `%s` is not a valid regular expression: %s.", regex, e.getDescription()));
        }
    }

    /** One for each character or class, those in a group as often as it is repeated; what is malformed is no matter. */
    private long steps() {
        var enclosing = new ArrayDeque<Long>();
        long total = 0;
        long last = 0;
        while (position < regex.length()) {
            switch (regex.charAt(position)) {
                case '(' -> {
                    enclosing.push(total);
                    total = 0;
                    last = 0;
                    position++;
                }
                case ')' -> {
                    last = total + 1;
                    total = bounded((enclosing.isEmpty() ? 0 : enclosing.pop()) + last);
                    position++;
                }
                case '{' -> {
                    long times = times();
                    total = bounded(total - last + bounded(last * times));
                    last = bounded(last * times);
                }
                default -> {
                    skipAtom();
                    last = 1;
                    total = bounded(total + 1);
                }
            }
        }
        while (!enclosing.isEmpty()) {
            total = bounded(total + enclosing.pop());
        }
        return total;
    }

    /** Far above what is allowed and far below an overflow. */
    private static long bounded(long steps) {
        return Math.min(steps, 1L << 40);
    }

    /** A count, or a brace that is just that. */
    private long times() {
        var matcher = COUNT.matcher(regex).region(position, regex.length());
        if (!matcher.lookingAt()) {
            position++;
            return 1;
        }
        position = matcher.end();
        return Math.max(1, Math.max(number(matcher, 1), number(matcher, 3)));
    }

    private static long number(MatchResult match, int group) {
        var digits = match.group(group);
        if (digits == null || digits.isEmpty()) {
            return 0;
        }
        return digits.length() > 6 ? MAX_STEPS + 1 : Long.parseLong(digits);
    }

    private void skipAtom() {
        char c = regex.charAt(position++);
        if (c == '\\') {
            skipEscape();
        } else if (c == '[') {
            skipClass();
        }
    }

    /** {@code \d}, or one with braces that hold no count: {@code \p{Greek}}, {@code \x{1F600}}. */
    private void skipEscape() {
        if (position >= regex.length()) {
            return;
        }
        char kind = regex.charAt(position++);
        boolean braces = "pPx".indexOf(kind) >= 0 && regex.startsWith("{", position);
        int end = braces ? regex.indexOf('}', position) : -1;
        if (end >= 0) {
            position = end + 1;
        }
    }

    private void skipClass() {
        if (regex.startsWith("^", position)) {
            position++;
        }
        // A bracket right at the start is one of the class.
        boolean first = true;
        while (position < regex.length()) {
            if (regex.startsWith("[:", position) && regex.indexOf(":]", position) >= 0) {
                position = regex.indexOf(":]", position) + 2;
            } else {
                char c = regex.charAt(position++);
                if (c == ']' && !first) {
                    return;
                }
                if (c == '\\') {
                    skipEscape();
                }
            }
            first = false;
        }
    }
}
