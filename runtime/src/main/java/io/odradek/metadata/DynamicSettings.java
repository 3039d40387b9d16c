package io.odradek.metadata;

import io.odradek.config.BrokerConfig;
import io.odradek.config.BrokerSettings;
import io.odradek.config.DynamicConfig;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigResource;
import org.jboss.logging.Logger;

/**
 * A broker's settings as they are now: what it was started with, overlaid by the dynamic settings of all brokers and of
 * this one (KIP-226). Subscribe it with {@link MetadataStore#addListener}. Whoever heeds a setting that can change asks
 * {@link #current()} each time, or is told with {@link #whenChanged}.
 *
 * <p>Threading: {@link #current()} is a volatile read; changes come on the thread that applies metadata.
 */
public final class DynamicSettings implements MetadataListener {
    private static final Logger LOG = Logger.getLogger(DynamicSettings.class);

    private final BrokerConfig startedWith;
    private final List<BiConsumer<BrokerConfig, BrokerConfig>> followers = new CopyOnWriteArrayList<>();
    private volatile BrokerConfig current;

    public DynamicSettings(BrokerConfig startedWith) {
        this.startedWith = startedWith;
        this.current = startedWith;
    }

    public BrokerConfig current() {
        return current;
    }

    /** @param follower is called with the settings before and after each change, on the thread that applies metadata */
    public void whenChanged(BiConsumer<BrokerConfig, BrokerConfig> follower) {
        followers.add(follower);
    }

    @Override
    public void onChange(MetadataChange change) {
        if (change.configs().stream().anyMatch(this::isOurs)) {
            var before = current;
            current = inForce(change.after());
            followers.forEach(follower -> follower.accept(before, current));
        }
    }

    private boolean isOurs(ConfigResource resource) {
        return resource.type() == ConfigResource.Type.BROKER
                && (resource.name().isEmpty() || resource.name().equals(String.valueOf(startedWith.nodeId())));
    }

    /** Settings were validated before they were stored, but maybe by a broker that was started with others. */
    private BrokerConfig inForce(MetadataImage image) {
        var settings = new HashMap<>(DynamicConfig.settings(EffectiveConfig.layers(startedWith, image)));
        settings.keySet().removeIf(name -> !isKnown(name));
        try {
            return BrokerConfig.of(settings);
        } catch (ConfigException e) {
            LOG.errorf(
                    "The dynamic settings of this broker cannot be used and are left as they were: %s", e.getMessage());
            return current;
        }
    }

    /** As in Kafka, dynamic settings may have names that nobody knows. */
    private boolean isKnown(String name) {
        return BrokerSettings.setting(name).isPresent()
                || name.startsWith("listener.name.")
                || startedWith.originals().containsKey(name);
    }
}
