package io.odradek.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.odradek.spi.Partitioner.Partitions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.junit.jupiter.api.Test;

class PartitionChoiceTest {
    private static final InputRecord RECORD =
            new InputRecord(1, Optional.of(new byte[] {1}), Optional.empty(), List.of(), OptionalLong.empty());

    private static PartitionInfo partition(int number, Node leader) {
        return new PartitionInfo("topic", number, leader, new Node[0], new Node[0]);
    }

    @Test
    void tellsThePartitionerWhichPartitionsThereAre() {
        var node = new Node(1, "localhost", 9092);
        var seen = new ArrayList<Partitions>();
        var metadata = new ArrayList<>(List.of(
                List.of(partition(1, node), partition(0, null), partition(2, node)),
                List.of(partition(0, node), partition(1, node), partition(2, node), partition(3, node))));
        var choice = new PartitionChoice(
                (partitions, key, value) -> {
                    seen.add(partitions);
                    return partitions.count() - 1;
                },
                () -> metadata.get(0));

        assertEquals(2, choice.choose(RECORD));
        metadata.remove(0);
        assertEquals(3, choice.choose(RECORD));
        assertEquals(List.of(new Partitions(3, List.of(1, 2)), Partitions.all(4)), seen);
    }

    @Test
    void refusesAPartitionThatDoesNotExist() {
        var choice = PartitionChoice.fixed(2, () -> List.of(partition(0, null), partition(1, null)));

        var failure = assertThrows(CommandFailure.class, () -> choice.choose(RECORD));
        assertEquals("there is no partition 2: the topic has 2", failure.getMessage());
    }
}
