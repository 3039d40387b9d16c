package io.odradek.config;

import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** Accepts what {@link ThrottledReplicas} can be made of. */
final class ThrottledReplicasSyntax implements ConfigDef.Validator {
    private static final Pattern REPLICA = Pattern.compile("([0-9]+:[0-9]+)?");

    @Override
    public void ensureValid(String name, Object value) {
        var replicas = ((List<?>) value).stream().map(r -> r.toString().trim()).toList();
        if (!String.join("", replicas).equals("*")
                && !replicas.stream().allMatch(r -> REPLICA.matcher(r).matches())) {
            throw new ConfigException(
                    name,
                    value,
                    name + " must be the literal '*' or a list of replicas in the following format: " + this);
        }
    }

    @Override
    public String toString() {
        return "[partitionId]:[brokerId],[partitionId]:[brokerId],...";
    }
}
