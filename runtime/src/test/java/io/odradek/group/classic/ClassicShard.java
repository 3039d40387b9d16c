package io.odradek.group.classic;

import io.odradek.config.BrokerConfig;
import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.CoordinatorShard;
import io.odradek.coordinator.RecordTypes;
import io.odradek.coordinator.ShardContext;
import io.odradek.group.Groups;
import io.odradek.group.ShardParts;
import io.odradek.group.message.CoordinatorRecordType;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** A shard that has classic groups only. */
final class ClassicShard implements CoordinatorShard {
    static final RecordTypes TYPES = new RecordTypes() {
        @Override
        public ApiMessage newKey(short type) {
            return CoordinatorRecordType.fromId(type).newRecordKey();
        }

        @Override
        public ApiMessage newValue(short type) {
            return CoordinatorRecordType.fromId(type).newRecordValue();
        }
    };

    final Groups groups = new Groups();
    final ClassicGroups classic;

    ClassicShard(ShardContext context, Map<String, String> settings) {
        var config = BrokerConfig.of(settings);
        classic = new ClassicGroups(new ShardParts(context, groups, null, () -> config));
    }

    @Override
    public void replay(CoordinatorRecord record) {
        if (classic.recordTypes().contains(record.type())) {
            classic.replay(record);
        }
    }

    @Override
    public void loaded(MetadataImage image) {
        classic.loaded(image);
    }

    @Override
    public void onChange(MetadataChange change) {
        classic.onChange(change);
    }

    @Override
    public void unloaded(Errors why) {
        classic.unloaded(why);
    }
}
