package io.odradek.group.consumer;

import io.odradek.metadata.MetadataImage;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.jboss.logging.Logger;

/**
 * Regular expressions of a group whose topics are to be looked up. That takes time where there are many topics, so it is
 * done outside of the shard; the result goes to {@link ConsumerGroups#resolved}.
 *
 * @param image in which to look
 * @param timestampMs wall clock when it was asked for
 */
public record RegexLookup(String groupId, Set<String> regexes, MetadataImage image, long timestampMs) {
    private static final Logger LOG = Logger.getLogger(RegexLookup.class);

    /** All topics that match each of the expressions. Takes a time linear in the topics and in each expression. */
    public Map<String, Set<String>> run() {
        var found = new HashMap<String, Set<String>>();
        for (var regex : regexes) {
            var topics = new TreeSet<String>();
            found.put(regex, topics);
            try {
                var pattern = RegexSyntax.compile(regex);
                image.topics().all().forEach(topic -> {
                    if (pattern.matches(topic.name())) {
                        topics.add(topic.name());
                    }
                });
            } catch (InvalidRegularExpression e) {
                // It was valid when the member subscribed to it, maybe in another version.
                LOG.errorf("Group %s: a regular expression is ignored: %s", groupId, e.getMessage());
            }
        }
        return found;
    }
}
