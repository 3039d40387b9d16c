package io.odradek.api.group;

import io.odradek.config.ConsumerGroupSettings;
import io.odradek.metadata.Features;
import io.odradek.metadata.MetadataStore;
import java.util.List;
import java.util.function.Supplier;

/** Whether members may speak the consumer protocol (KIP-848) here, and what they may ask for. */
public final class ConsumerProtocol {
    private final MetadataStore metadata;
    private final Supplier<ConsumerGroupSettings> settings;

    /** @param settings as they are now */
    public ConsumerProtocol(MetadataStore metadata, Supplier<ConsumerGroupSettings> settings) {
        this.metadata = metadata;
        this.settings = settings;
    }

    boolean isServed() {
        return settings.get().served()
                && metadata.image().features().getOrDefault(Features.GROUP_VERSION, (short) 0) >= 1;
    }

    /** Names of those that a member may wish for. */
    List<String> assignors() {
        return settings.get().assignors();
    }
}
