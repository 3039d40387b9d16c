package io.odradek.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which brokers hold each partition, as text: {@code 1:2,2:3}. */
final class ReplicaAssignment {
    private ReplicaAssignment() {}

    static Map<Integer, List<Integer>> parse(String text) {
        return parse(text, 0);
    }

    static Map<Integer, List<Integer>> parse(String text, int firstPartition) {
        var assignment = new LinkedHashMap<Integer, List<Integer>>();
        for (var partition : text.split(",", -1)) {
            var brokers = new ArrayList<Integer>();
            for (var broker : partition.split(":", -1)) {
                try {
                    brokers.add(Integer.valueOf(broker.trim()));
                } catch (NumberFormatException e) {
                    throw new CommandFailure("--replica-assignment: '" + broker + "' is no broker id", e);
                }
            }
            assignment.put(firstPartition + assignment.size(), brokers);
        }
        return assignment;
    }
}
