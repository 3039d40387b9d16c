package io.odradek.cli;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Prints a record as one line, or as the bytes of its value where that has ends of line itself. */
@FunctionalInterface
interface RecordPrinter {
    void print(Terminal terminal, ConsumerRecord<byte[], byte[]> record);

    enum Column {
        KEY,
        VALUE,
        PARTITION,
        OFFSET,
        TIMESTAMP,
        HEADERS
    }

    static RecordPrinter json() {
        return (terminal, record) -> {
            terminal.print(JsonFormat.write(record));
            terminal.print("\n");
        };
    }

    static RecordPrinter text(List<Column> columns, String separator, String nullMarker) {
        var between = separator.getBytes(StandardCharsets.UTF_8);
        var none = nullMarker.getBytes(StandardCharsets.UTF_8);
        return (terminal, record) -> {
            for (int i = 0; i < columns.size(); i++) {
                if (i > 0) {
                    terminal.print(between);
                }
                var cell = cell(columns.get(i), record);
                terminal.print(cell == null ? none : cell);
            }
            terminal.print("\n");
        };
    }

    private static byte[] cell(Column column, ConsumerRecord<byte[], byte[]> record) {
        return switch (column) {
            case KEY -> record.key();
            case VALUE -> record.value();
            case PARTITION -> text(Integer.toString(record.partition()));
            case OFFSET -> text(Long.toString(record.offset()));
            case TIMESTAMP -> text(Instant.ofEpochMilli(record.timestamp()).toString());
            case HEADERS -> headers(record);
        };
    }

    private static byte[] headers(ConsumerRecord<byte[], byte[]> record) {
        var text = new StringBuilder();
        for (var header : record.headers()) {
            text.append(text.length() == 0 ? "" : ",").append(header.key()).append('=');
            text.append(header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8));
        }
        return text(text.toString());
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
