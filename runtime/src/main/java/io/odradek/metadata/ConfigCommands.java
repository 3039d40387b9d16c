package io.odradek.metadata;

import io.odradek.config.BrokerSettings;
import io.odradek.config.ClientMetricsSettings;
import io.odradek.config.GroupConfigSettings;
import io.odradek.config.TopicSettings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.Topic;

/** Configs of resources. Errors and messages are those of Kafka's controller. */
final class ConfigCommands {
    private ConfigCommands() {}

    static Command.Done alter(Draft draft, Command.IncrementalAlterConfigs command) {
        var resource = command.resource();
        var nulls = command.changes().stream()
                .filter(c -> c.operation() != OpType.DELETE && c.value().isEmpty())
                .map(Command.ConfigChange::name)
                .toList();
        refuseNulls(nulls);
        if (command.changes().stream()
                        .map(Command.ConfigChange::name)
                        .distinct()
                        .count()
                < command.changes().size()) {
            throw new InvalidRequestException("Error due to duplicate config keys");
        }
        var configs = new TreeMap<>(draft.configs(resource));
        for (var change : command.changes()) {
            switch (change.operation()) {
                case SET -> configs.put(change.name(), change.value().orElseThrow());
                case DELETE -> configs.remove(change.name());
                default -> configs.put(change.name(), changedList(resource, change, configs.get(change.name())));
            }
        }
        store(
                draft,
                resource,
                command.changes().stream().map(Command.ConfigChange::name).collect(Collectors.toSet()),
                configs);
        return Command.Done.DONE;
    }

    static Command.Done replace(Draft draft, Command.ReplaceConfigs command) {
        refuseNulls(command.configs().entrySet().stream()
                .filter(e -> e.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .sorted()
                .toList());
        var configs = new TreeMap<String, String>();
        command.configs().forEach((name, value) -> configs.put(name, value.orElseThrow()));
        var names = new HashSet<>(draft.configs(command.resource()).keySet());
        names.addAll(configs.keySet());
        store(draft, command.resource(), names, configs);
        return Command.Done.DONE;
    }

    private static void refuseNulls(List<String> names) {
        if (!names.isEmpty()) {
            throw new InvalidRequestException("Null value not supported for : " + String.join(", ", names));
        }
    }

    /** @param current null if the resource does not have it */
    private static String changedList(ConfigResource resource, Command.ConfigChange change, String current) {
        var key = definition(resource.type(), change.name())
                .filter(k -> k.type() == ConfigDef.Type.LIST)
                .orElseThrow(() -> new InvalidConfigurationException(
                        "Can't " + change.operation() + " to key " + change.name() + " because its type is not LIST."));
        var start = current != null ? current : ConfigDef.convertToString(key.defaultValue, key.type);
        var values = new ArrayList<String>();
        for (var value : (start == null ? "" : start).split(",")) {
            if (!value.isEmpty()) {
                values.add(value);
            }
        }
        for (var value : change.value().orElseThrow().split(",")) {
            if (change.operation() == OpType.SUBTRACT) {
                values.remove(value);
            } else if (!values.contains(value)) {
                values.add(value);
            }
        }
        return String.join(",", values);
    }

    private static Optional<ConfigDef.ConfigKey> definition(ConfigResource.Type type, String name) {
        var definitions =
                switch (type) {
                    case TOPIC -> TopicSettings.definitions();
                    case BROKER -> BrokerSettings.definitions();
                    case CLIENT_METRICS -> ClientMetricsSettings.definitions();
                    case GROUP -> GroupConfigSettings.definitions();
                    default -> Map.<String, ConfigDef.ConfigKey>of();
                };
        return Optional.ofNullable(definitions.get(name));
    }

    private static void store(Draft draft, ConfigResource resource, Set<String> names, Map<String, String> configs) {
        EligibleLeaderReplicas.check(draft, resource, names, configs);
        checkSizes(configs.values());
        validate(resource, configs);
        checkExists(draft, resource);
        var before = draft.configs(resource);
        draft.configs(resource, configs);
        EligibleLeaderReplicas.heed(draft, resource, before);
        if (Boolean.parseBoolean(configs.get(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG))) {
            electLeaders(draft, resource);
        }
    }

    /** Where unclean elections are allowed from now on, partitions may have waited for that. */
    private static void electLeaders(Draft draft, ConfigResource resource) {
        if (resource.type() == ConfigResource.Type.TOPIC) {
            PartitionCommands.electLeaders(
                    draft, draft.topics().byName(resource.name()).orElseThrow());
        } else if (resource.type() == ConfigResource.Type.BROKER && resource.isDefault()) {
            draft.topics().all().forEach(topic -> PartitionCommands.electLeaders(draft, topic));
        }
    }

    static void checkSizes(Collection<String> values) {
        if (values.stream().anyMatch(v -> v.length() > Short.MAX_VALUE)) {
            throw new InvalidConfigurationException("The configuration value cannot be added because it exceeds the"
                    + " maximum value size of " + Short.MAX_VALUE + " bytes.");
        }
    }

    private static void validate(ConfigResource resource, Map<String, String> configs) {
        switch (resource.type()) {
            case TOPIC -> {
                if (resource.name().isEmpty()) {
                    throw new InvalidRequestException("Default topic resources are not allowed.");
                }
                Topic.validate(resource.name());
                TopicSettings.validate(configs);
            }
            case BROKER -> {
                brokerId(resource.name());
                BrokerSettings.validateDynamic(configs, !resource.isDefault());
            }
            case CLIENT_METRICS -> {
                if (resource.name().isEmpty()) {
                    throw new InvalidRequestException("Subscription name can't be empty");
                }
                ClientMetricsSettings.validate(configs);
            }
            case GROUP -> {
                if (resource.name().isEmpty()) {
                    throw new InvalidRequestException("Default group resources are not allowed.");
                }
                GroupConfigSettings.validate(configs);
            }
            default -> throw new InvalidRequestException("Unknown resource type " + resource.type());
        }
    }

    private static Optional<Integer> brokerId(String name) {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        int id;
        try {
            id = Integer.parseInt(name);
        } catch (NumberFormatException e) {
            throw new InvalidRequestException("Unable to parse broker name as a base 10 number.");
        }
        if (id < 0) {
            throw new InvalidRequestException("Invalid negative broker ID.");
        }
        return Optional.of(id);
    }

    private static void checkExists(Draft draft, ConfigResource resource) {
        if (resource.type() == ConfigResource.Type.TOPIC
                && draft.topics().byName(resource.name()).isEmpty()) {
            throw new UnknownTopicOrPartitionException("The topic '" + resource.name() + "' does not exist.");
        }
        if (resource.type() == ConfigResource.Type.BROKER) {
            brokerId(resource.name())
                    .filter(id -> !draft.brokers().containsKey(id))
                    .ifPresent(id -> {
                        throw new BrokerIdNotRegisteredException("No node with id " + id + " found.");
                    });
        }
    }
}
