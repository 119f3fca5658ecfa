FROM a/b:1 AS extractor
ARG GIT_TOKEN
RUN mkdir -p /home/mlrun_code/source
ADD https://x.org/code.zip /home/mlrun_code/source
RUN cd /home/mlrun_code/source && unzip code.zip && rm code.zip
FROM a/b:1
ARG GIT_TOKEN
COPY --from=extractor /home/mlrun_code/source/ /home/mlrun_code/
ENV PYTHONPATH /home/mlrun_code/
