package io.odradek.config;

import java.util.List;

/**
 * How quotas are measured. The quotas themselves are metadata.
 *
 * @param windowNum {@code quota.window.num}
 * @param windowSizeSeconds {@code quota.window.size.seconds}
 */
public record QuotaSettings(int windowNum, int windowSizeSeconds) {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            quota.window.num | int | 11 | 1.. | low | read-only | no | Samples over which a client's quota is measured.
            quota.window.size.seconds | int | 1 | 1.. | low | read-only | no | Length of a sample of a client's quota.
            replication.quota.window.num | int | 11 | 1.. | low | read-only | no | Samples over which throttled replication is measured.
            replication.quota.window.size.seconds | int | 1 | 1.. | low | read-only | no | Length of a sample of throttled replication.
            alter.log.dirs.replication.quota.window.num | int | 11 | 1.. | low | read-only | no | Samples over which moves between log directories are measured.
            alter.log.dirs.replication.quota.window.size.seconds | int | 1 | 1.. | low | read-only | no | Length of a sample of moves between log directories.
            client.quota.callback.class | class | - | | low | read-only | refuse | A class of Kafka's that decides quotas: see `odradek.quota.enforcer`.
            """);

    static QuotaSettings of(SettingValues v) {
        return new QuotaSettings(v.integer("quota.window.num"), v.integer("quota.window.size.seconds"));
    }
}
