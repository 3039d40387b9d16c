package io.odradek.config;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Keeps docs/configuration.md true. */
class ConfigurationDocumentTest {
    private static final String REGENERATE = "./mvnw -pl runtime -am test -Dtest=ConfigurationDocumentTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dodradek.docs.write=true";

    @Test
    void theDocumentSaysWhatTheDefinitionsSay() throws IOException {
        var file = root().resolve("docs/configuration.md");
        var text = ConfigurationDocument.text();
        if (Boolean.getBoolean("odradek.docs.write")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        }

        assertTrue(
                Files.exists(file) && Files.readString(file).equals(text),
                () -> file + " is out of date. This writes it anew: " + REGENERATE);
    }

    /** The tests run in the module's directory. */
    private static Path root() {
        var here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("mvnw"))) {
            here = here.getParent();
        }
        return here;
    }
}
