package io.odradek.group.consumer;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * The topics that a regular expression stood for when it was last looked up.
 *
 * @param topics sorted
 * @param version of the metadata it was looked up in
 * @param timestampMs wall clock of that moment
 */
record ResolvedRegex(Set<String> topics, long version, long timestampMs) {
    ResolvedRegex {
        topics = Collections.unmodifiableSet(new TreeSet<>(topics));
    }
}
