package io.odradek.cli;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Where consuming starts, in every partition. */
sealed interface StartPosition {
    record Beginning() implements StartPosition {}

    record End() implements StartPosition {}

    /** This offset, or the nearest that a partition has. */
    record Offset(long offset) implements StartPosition {}

    /** So many records before the end. */
    record Last(long count) implements StartPosition {}

    /** The first record with this timestamp or a later one. */
    record Time(long timestampMs) implements StartPosition {}

    static StartPosition parse(String text) {
        if (text.equals("beginning")) {
            return new Beginning();
        }
        if (text.equals("end")) {
            return new End();
        }
        try {
            if (text.startsWith("@")) {
                return new Time(Long.parseLong(text.substring(1)));
            }
            if (text.matches("-?\\d+")) {
                long number = Long.parseLong(text);
                return number < 0 ? new Last(-number) : new Offset(number);
            }
            return new Time(
                    text.endsWith("Z")
                            ? Instant.parse(text).toEpochMilli()
                            : OffsetDateTime.parse(text).toInstant().toEpochMilli());
        } catch (NumberFormatException | DateTimeParseException e) {
            throw new TypeConversionException("'" + text
                    + "' is none of: beginning, end, an offset, -N for the last N records, a time such as"
                    + " 2026-01-31T12:00:00Z or @MILLISECONDS");
        }
    }

    /** For picocli. */
    final class Converter implements ITypeConverter<StartPosition> {
        @Override
        public StartPosition convert(String text) {
            return parse(text);
        }
    }
}
