package io.odradek.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class StartPositionTest {
    @Test
    void readsEveryForm() {
        assertEquals(new StartPosition.Beginning(), StartPosition.parse("beginning"));
        assertEquals(new StartPosition.End(), StartPosition.parse("end"));
        assertEquals(new StartPosition.Offset(4711), StartPosition.parse("4711"));
        assertEquals(new StartPosition.Last(10), StartPosition.parse("-10"));
        assertEquals(new StartPosition.Time(1_769_860_800_000L), StartPosition.parse("2026-01-31T12:00:00Z"));
        assertEquals(new StartPosition.Time(1_769_860_800_000L), StartPosition.parse("2026-01-31T13:00:00+01:00"));
        assertEquals(new StartPosition.Time(1_769_860_800_000L), StartPosition.parse("@1769860800000"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "start", "1.5", "@", "@x", "2026-01-31", "99999999999999999999"})
    void refusesWhatIsNone(String text) {
        assertThrows(TypeConversionException.class, () -> StartPosition.parse(text));
    }
}
