import java.nio.file.Path;
import java.util.Map;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;

/**
 * One node of OpenSearch, for tests: {@code java Server HOME setting=value…}.
 *
 * It ends when its standard input does, and so with whatever has started it, even by SIGKILL.
 */
public final class Server extends Node {
    private Server(Environment environment) {
        super(environment, Modules.ofServer(), true);
    }

    public static void main(String[] arguments) throws Exception {
        Settings.Builder settings = Settings.builder().put("path.home", arguments[0]);
        for (int at = 1; at < arguments.length; at++) {
            String[] pair = arguments[at].split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        Path config = Path.of(arguments[0], "config");
        Server server = new Server(
            InternalSettingsPreparer.prepareEnvironment(settings.build(), Map.of(), config, () -> "node")
        );
        server.start();
        while (System.in.read() >= 0) {
            // Whatever is said means nothing; only the end does.
        }
        server.close();
        System.exit(0);
    }
}
