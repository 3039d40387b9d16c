package io.odradek.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Rows under headings, in columns as wide as their widest cell. A column of numbers is flush right. */
final class Table {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    Table(String... headings) {
        rows.add(List.of(headings));
    }

    /** Adds a row with a cell per heading; a list becomes its elements with commas between. */
    Table row(Object... cells) {
        rows.add(Arrays.stream(cells).map(Table::text).toList());
        return this;
    }

    void print(Terminal terminal) {
        int columns = rows.get(0).size();
        var widths = new int[columns];
        var numeric = new boolean[columns];
        for (int column = 0; column < columns; column++) {
            int c = column;
            widths[c] = rows.stream().mapToInt(row -> row.get(c).length()).max().orElse(0);
            numeric[c] = rows.size() > 1
                    && rows.stream().skip(1).allMatch(row -> row.get(c).matches("-?\\d+"));
        }
        for (var row : rows) {
            var line = new StringBuilder();
            for (int c = 0; c < columns; c++) {
                var padding = " ".repeat(widths[c] - row.get(c).length());
                line.append(c == 0 ? "" : GAP).append(numeric[c] ? padding + row.get(c) : row.get(c) + padding);
            }
            terminal.println(line.toString().stripTrailing());
        }
    }

    private static String text(Object cell) {
        return cell instanceof Iterable<?> items ? join(items) : String.valueOf(cell);
    }

    private static String join(Iterable<?> items) {
        var texts = new ArrayList<String>();
        items.forEach(item -> texts.add(String.valueOf(item)));
        return texts.isEmpty() ? "-" : texts.stream().collect(Collectors.joining(","));
    }
}
