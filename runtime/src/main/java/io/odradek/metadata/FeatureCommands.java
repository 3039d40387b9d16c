package io.odradek.metadata;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidUpdateVersionException;

/** The cluster's id and the finalized levels of its features. Errors and messages are those of Kafka's controller. */
final class FeatureCommands {
    private FeatureCommands() {}

    static Command.Done initialize(Draft draft, Command.InitializeCluster command) {
        if (draft.clusterId().isPresent()) {
            throw new InvalidRequestException("The cluster is initialized already, with id "
                    + draft.clusterId().get() + ".");
        }
        if (command.clusterId().isBlank()) {
            throw new InvalidRequestException("A cluster needs an id.");
        }
        draft.clusterId(command.clusterId());
        command.features().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(e -> {
                    notSupported(draft, e.getKey(), e.getValue()).ifPresent(reason -> {
                        throw invalid(e.getKey(), e.getValue(), reason);
                    });
                    draft.feature(e.getKey(), e.getValue());
                });
        if (EligibleLeaderReplicas.enabled(draft)) {
            EligibleLeaderReplicas.enable(draft, command.minInsyncReplicas());
        }
        return Command.Done.DONE;
    }

    static Command.Done update(Draft draft, Command.UpdateFeatures command) {
        var eligibleLeaders = EligibleLeaderReplicas.enabled(draft);
        command.updates().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(e -> update(draft, e.getKey(), e.getValue()));
        if (!eligibleLeaders && EligibleLeaderReplicas.enabled(draft)) {
            EligibleLeaderReplicas.enable(draft, command.minInsyncReplicas());
        } else if (eligibleLeaders && !EligibleLeaderReplicas.enabled(draft)) {
            EligibleLeaderReplicas.disable(draft);
        }
        return Command.Done.DONE;
    }

    private static void update(Draft draft, String name, Command.FeatureUpdate update) {
        short level = update.level();
        short current = draft.features().getOrDefault(name, (short) 0);
        if (update.upgradeType() == UpgradeType.UNKNOWN) {
            throw invalid(name, level, "The controller does not support the given upgrade type.");
        }
        if (level < 0) {
            throw invalid(name, level, "A feature version cannot be less than 0.");
        }
        notSupported(draft, name, level).ifPresent(reason -> {
            throw invalid(name, level, reason);
        });
        if (level < current && update.upgradeType() == UpgradeType.UPGRADE) {
            throw invalid(
                    name,
                    level,
                    "Can't downgrade the version of this feature without setting the upgrade type to either safe or"
                            + " unsafe downgrade.");
        }
        if (level > current && update.upgradeType() != UpgradeType.UPGRADE) {
            throw invalid(name, level, "Can't downgrade to a newer version.");
        }
        if (name.equals(Features.METADATA_VERSION) && level < current && Features.metadataChanged(current, level)) {
            throw new InvalidUpdateVersionException("Unsupported metadata.version downgrade from "
                    + current + " to " + level + ". "
                    + (update.upgradeType() == UpgradeType.UNSAFE_DOWNGRADE
                            ? "Unsafe metadata downgrade is not supported in this version."
                            : "Refusing to perform the requested downgrade because it might delete metadata"
                                    + " information."));
        }
        if (level != current) {
            draft.feature(name, level);
        }
    }

    /**
     * Why not every broker could serve this level, if so. What the version serves that decides is not asked: in a cluster of several
     * versions the nodes would come to different conclusions. One that does not know what they have come to stops.
     */
    private static Optional<String> notSupported(Draft draft, String name, short level) {
        Optional<String> reason = Optional.empty();
        for (var broker : draft.brokers().values()) {
            reason = reason.or(() -> notSupported(
                    "Broker " + broker.id(), broker.features().getOrDefault(name, Features.NOT_SUPPORTED), level));
        }
        return reason;
    }

    private static Optional<String> notSupported(String who, VersionRange range, short level) {
        if (range.contains(level)) {
            return Optional.empty();
        }
        return Optional.of(
                range.max() == 0 ? who + " does not support this feature." : who + " only supports versions " + range);
    }

    private static InvalidUpdateVersionException invalid(String name, short level, String reason) {
        return new InvalidUpdateVersionException(
                "Invalid update version " + level + " for feature " + name + ". " + reason);
    }
}
