package io.odradek.checker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A directed graph over numbered nodes, and its circles. */
final class Digraph {
    private final Map<Integer, Set<Integer>> edges = new HashMap<>();

    void edge(int from, int to) {
        edges.computeIfAbsent(from, f -> new HashSet<>()).add(to);
        edges.computeIfAbsent(to, t -> new HashSet<>());
    }

    /** A shortest circle through some node of each strongly connected component that has one. */
    List<List<Integer>> cycles() {
        return components().stream()
                .filter(c -> c.size() > 1 || edges.get(c.get(0)).contains(c.get(0)))
                .map(this::cycle)
                .toList();
    }

    /** Tarjan's strongly connected components, without recursion since histories are long. */
    private List<List<Integer>> components() {
        var components = new ArrayList<List<Integer>>();
        var index = new HashMap<Integer, Integer>();
        var low = new HashMap<Integer, Integer>();
        var stack = new ArrayDeque<Integer>();
        var onStack = new HashSet<Integer>();
        record Frame(int node, java.util.Iterator<Integer> rest) {}
        for (var root : edges.keySet()) {
            if (index.containsKey(root)) {
                continue;
            }
            var frames = new ArrayDeque<Frame>();
            frames.push(new Frame(root, edges.get(root).iterator()));
            visit(root, index, low, stack, onStack);
            while (!frames.isEmpty()) {
                var frame = frames.peek();
                if (frame.rest.hasNext()) {
                    int next = frame.rest.next();
                    if (!index.containsKey(next)) {
                        visit(next, index, low, stack, onStack);
                        frames.push(new Frame(next, edges.get(next).iterator()));
                    } else if (onStack.contains(next)) {
                        low.merge(frame.node, index.get(next), Math::min);
                    }
                    continue;
                }
                frames.pop();
                if (!frames.isEmpty()) {
                    low.merge(frames.peek().node, low.get(frame.node), Math::min);
                }
                if (low.get(frame.node).equals(index.get(frame.node))) {
                    var component = new ArrayList<Integer>();
                    int member;
                    do {
                        member = stack.pop();
                        onStack.remove(member);
                        component.add(member);
                    } while (member != frame.node);
                    components.add(component);
                }
            }
        }
        return components;
    }

    private static void visit(
            int node,
            Map<Integer, Integer> index,
            Map<Integer, Integer> low,
            ArrayDeque<Integer> stack,
            Set<Integer> onStack) {
        low.put(node, index.size());
        index.put(node, index.size());
        stack.push(node);
        onStack.add(node);
    }

    private List<Integer> cycle(List<Integer> component) {
        var inside = new HashSet<>(component);
        int start = Collections.min(component);
        var from = new HashMap<Integer, Integer>();
        var queue = new ArrayDeque<>(List.of(start));
        while (!queue.isEmpty()) {
            int node = queue.remove();
            for (int next : edges.get(node)) {
                if (next == start) {
                    var cycle = new ArrayList<Integer>();
                    for (Integer n = node; n != null; n = from.get(n)) {
                        cycle.add(0, n);
                    }
                    return cycle;
                }
                if (inside.contains(next) && from.putIfAbsent(next, node) == null) {
                    queue.add(next);
                }
            }
        }
        throw new IllegalStateException("no circle in a strongly connected component");
    }
}
