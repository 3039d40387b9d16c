package io.odradek.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

/** Configs to set and to unset; what is not named stays. */
record ConfigChange(Map<String, String> set, List<String> unset) {
    boolean isEmpty() {
        return set.isEmpty() && unset.isEmpty();
    }

    void apply(Admin admin, ConfigResource resource, boolean validateOnly) {
        var operations = new ArrayList<AlterConfigOp>();
        set.forEach((name, value) ->
                operations.add(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
        unset.forEach(
                name -> operations.add(new AlterConfigOp(new ConfigEntry(name, ""), AlterConfigOp.OpType.DELETE)));
        var result = admin.incrementalAlterConfigs(
                Map.<ConfigResource, Collection<AlterConfigOp>>of(resource, operations),
                new AlterConfigsOptions().validateOnly(validateOnly));
        Failures.await(result.values().get(resource));
    }
}
