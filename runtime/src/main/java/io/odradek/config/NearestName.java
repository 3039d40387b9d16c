package io.odradek.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The known name that was probably meant by an unknown one. */
final class NearestName {
    private NearestName() {}

    /** Empty where nothing is near: more than a third of the characters would have to change. */
    static Optional<String> of(String name, Collection<String> known) {
        record Candidate(String name, int distance) {}
        return known.stream()
                .map(k -> new Candidate(k, distance(name, k)))
                .min(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
                .filter(c -> c.distance() <= Math.max(2, name.length() / 3))
                .map(Candidate::name);
    }

    /** Levenshtein's: insertions, deletions and replacements of a character. */
    private static int distance(String a, String b) {
        var above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            var row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[b.length()];
    }
}
