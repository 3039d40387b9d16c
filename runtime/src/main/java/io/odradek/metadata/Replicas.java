package io.odradek.metadata;

import java.util.Collection;
import java.util.List;

/** Lists of broker ids. Their order is that of preference, and stays. */
final class Replicas {
    private Replicas() {}

    static List<Integer> without(List<Integer> replicas, Collection<Integer> others) {
        return others.isEmpty()
                ? replicas
                : replicas.stream().filter(id -> !others.contains(id)).toList();
    }

    static List<Integer> retained(List<Integer> replicas, Collection<Integer> others) {
        return replicas.stream().filter(others::contains).toList();
    }
}
