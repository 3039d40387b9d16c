package io.odradek.metadata;

import io.odradek.config.BrokerConfig;
import io.odradek.config.DynamicConfig;
import io.odradek.config.Reconfiguration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigResource;
import org.jboss.logging.Logger;

/**
 * A broker's settings as they are now: what it was started with, overlaid by the dynamic settings of all brokers and of
 * this one (KIP-226). Subscribe it with {@link MetadataStore#addListener}. Whoever heeds a setting that can change asks
 * {@link #current()} each time, or is told with {@link #whenChanged}; whoever cannot heed every value says so with
 * {@link #checkedBy}.
 *
 * <p>Thread-safe. {@link #current()} is a volatile read; changes come on the thread that applies metadata.
 */
public final class DynamicSettings implements MetadataListener {
    private static final Logger LOG = Logger.getLogger(DynamicSettings.class);

    private final BrokerConfig startedWith;
    private final List<BiConsumer<BrokerConfig, BrokerConfig>> followers = new CopyOnWriteArrayList<>();
    private final List<BiConsumer<BrokerConfig, BrokerConfig>> checks = new CopyOnWriteArrayList<>();
    private volatile BrokerConfig current;

    public DynamicSettings(BrokerConfig startedWith) {
        this.startedWith = startedWith;
        this.current = startedWith;
        checks.add(Reconfiguration::check);
    }

    public BrokerConfig current() {
        return current;
    }

    /**
     * @param follower is called with the settings before and after each change, on the thread that applies metadata; and
     *     at once, if there have been changes already since the broker's own configuration was written
     */
    public synchronized void whenChanged(BiConsumer<BrokerConfig, BrokerConfig> follower) {
        followers.add(follower);
        if (current != startedWith) {
            tell(follower, startedWith, current);
        }
    }

    /**
     * @param check is asked before a change of this broker's settings is proposed, and throws a {@link ConfigException} in
     *     one line where the step from the first to the second cannot be taken; it may read files
     */
    public void checkedBy(BiConsumer<BrokerConfig, BrokerConfig> check) {
        checks.add(check);
    }

    /**
     * Whether this broker could go over to what would be in force with {@code image}. May read files.
     *
     * @throws ConfigException in one line, if not
     */
    public void check(MetadataImage image) {
        var before = current;
        var after = merged(image);
        checks.forEach(check -> check.accept(before, after));
    }

    @Override
    public synchronized void onChange(MetadataChange change) {
        if (change.configs().stream().anyMatch(this::isOurs)) {
            var before = current;
            current = inForce(change.after());
            followers.forEach(follower -> tell(follower, before, current));
        }
    }

    /** What one cannot heed is no reason to keep it from the others, nor to stop the metadata. */
    private static void tell(BiConsumer<BrokerConfig, BrokerConfig> follower, BrokerConfig before, BrokerConfig after) {
        try {
            follower.accept(before, after);
        } catch (RuntimeException e) {
            LOG.error("A change of the dynamic settings could not be heeded", e);
        }
    }

    private boolean isOurs(ConfigResource resource) {
        return resource.type() == ConfigResource.Type.BROKER
                && (resource.name().isEmpty() || resource.name().equals(String.valueOf(startedWith.nodeId())));
    }

    /** Settings were checked before they were stored, but maybe by a broker that was started with others. */
    private BrokerConfig inForce(MetadataImage image) {
        try {
            return merged(image);
        } catch (ConfigException e) {
            LOG.errorf(
                    "The dynamic settings of this broker cannot be used and are left as they were: %s", e.getMessage());
            return current;
        }
    }

    private BrokerConfig merged(MetadataImage image) {
        return BrokerConfig.inForce(DynamicConfig.settings(EffectiveConfig.layers(startedWith, image)));
    }
}
