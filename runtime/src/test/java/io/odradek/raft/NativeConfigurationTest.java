package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.raft.ELECTION2;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.protocols.raft.REDIRECT;
import org.junit.jupiter.api.Test;

/** What JGroups creates by name or by reflection is known to the native image. */
class NativeConfigurationTest {
    private static final String CONFIGURATION = "META-INF/native-image/io.odradek/odradek-raft/";

    private static String read(String resource) throws IOException {
        try (var in = NativeConfigurationTest.class.getClassLoader().getResourceAsStream(resource)) {
            assertNotNull(in, resource);
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static TreeSet<String> all(Pattern pattern, String text) {
        var found = new TreeSet<String>();
        var matcher = pattern.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    @Test
    void everyClassOfTheMapsIsRegistered() throws IOException {
        var registered = all(Pattern.compile("\"name\": \"([^\"]+)\""), read(CONFIGURATION + "reflect-config.json"));
        for (var map : List.of("jg-magic-map.xml", "jg-protocol-ids.xml")) {
            var missing = all(Pattern.compile("name=\"([^\"]+)\"(?![^>]*external)"), read(map));
            missing.removeAll(registered);
            assertEquals(new TreeSet<String>(), missing, map);
            assertTrue(read(CONFIGURATION + "resource-config.json").contains(map));
        }
    }

    @Test
    void everyHeaderThatRaftRegistersIsRegistered() throws Exception {
        for (var protocol : List.of(RAFT.class, ELECTION2.class, REDIRECT.class)) {
            Class.forName(protocol.getName()); // registers them
        }
        ElectionMessage.register();
        SnapshotMessage.register();
        var registered = all(
                Pattern.compile("\"name\": \"([^\"]+)\", \"allDeclaredConstructors\""),
                read(CONFIGURATION + "reflect-config.json"));
        var known = all(
                Pattern.compile("class ((?:org\\.jgroups\\.protocols|io\\.odradek)\\.raft\\.[^:]+):"),
                ClassConfigurator.printClassMap());
        assertTrue(known.size() >= 13, known.toString());
        known.removeAll(registered);
        assertEquals(new TreeSet<String>(), known);
    }
}
