package io.odradek.checker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventLineTest {
    private static final TopicPartition LOG = new TopicPartition("a-topic", 3);

    static List<Event.What> all() {
        return List.of(
                new Event.Open(),
                new Event.Invoke(Event.Activity.TRANSACTION),
                new Event.Send(LOG, 7),
                new Event.Acknowledge(LOG, 7, 8),
                new Event.Poll(LOG, List.of(new Event.Read(1, 2), new Event.Read(3, 4))),
                new Event.Assign("g", 5, Map.of(LOG, 6L, new TopicPartition("b", 0), 0L)),
                new Event.Assign("g", 5, Map.of()),
                new Event.Seek(Map.of(LOG, 6L)),
                new Event.Revoke(Set.of(LOG)),
                new Event.Revoke(Set.of()),
                new Event.Offsets("g", Map.of(LOG, 6L)),
                new Event.Commit(),
                new Event.Complete(Event.Outcome.INFO),
                new Event.End(LOG, 1, 2));
    }

    @ParameterizedTest
    @MethodSource("all")
    void whatIsWrittenIsRead(Event.What what) {
        var event = new Event("p", 42, what);
        assertEquals(event, EventLine.read(EventLine.write(event)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "p", "p 4", "p 42 acknowledge t-0 7", "p 42 poll t-0 1:2,3", "p 42 comm"})
    void tornLinesAreRefused(String line) {
        assertThrows(IllegalArgumentException.class, () -> EventLine.read(line));
    }
}
