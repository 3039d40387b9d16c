package io.odradek.cli;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A line is a value, or a key and a value.
 *
 * @param keySeparator what stands between key and value; without it there are no keys
 * @param nullMarker the text that means no key or no value
 */
record TextFormat(Optional<byte[]> keySeparator, Optional<byte[]> nullMarker) implements RecordFormat {
    static TextFormat of(Optional<String> keySeparator, Optional<String> nullMarker) {
        return new TextFormat(keySeparator.map(TextFormat::bytes), nullMarker.map(TextFormat::bytes));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public InputRecord read(byte[] line, long number) {
        if (keySeparator.isEmpty()) {
            return new InputRecord(number, Optional.empty(), unlessNull(line), List.of(), OptionalLong.empty());
        }
        var separator = keySeparator.get();
        int at = indexOf(line, separator);
        if (at < 0) {
            throw new CommandFailure("line " + number + " has no key separator");
        }
        return new InputRecord(
                number,
                unlessNull(Arrays.copyOf(line, at)),
                unlessNull(Arrays.copyOfRange(line, at + separator.length, line.length)),
                List.of(),
                OptionalLong.empty());
    }

    private Optional<byte[]> unlessNull(byte[] text) {
        return nullMarker.filter(marker -> Arrays.equals(marker, text)).isPresent()
                ? Optional.empty()
                : Optional.of(text);
    }

    private static int indexOf(byte[] line, byte[] separator) {
        for (int i = 0; i <= line.length - separator.length; i++) {
            if (Arrays.equals(line, i, i + separator.length, separator, 0, separator.length)) {
                return i;
            }
        }
        return -1;
    }
}
