package io.odradek.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    private static String print(Table table) {
        var out = new ByteArrayOutputStream();
        table.print(new Terminal(InputStream.nullInputStream(), out, System.err));
        return out.toString();
    }

    @Test
    void alignsTextLeftAndNumbersRight() {
        var table = new Table("NAME", "SIZE", "ISR").row("a", 5, List.of(1, 2)).row("longer", 1234567, List.of());

        assertEquals("""
                NAME       SIZE  ISR
                a             5  1,2
                longer  1234567  -
                """, print(table));
    }

    @Test
    void printsItsHeadingsAlone() {
        assertEquals("NAME  SIZE\n", print(new Table("NAME", "SIZE")));
    }
}
